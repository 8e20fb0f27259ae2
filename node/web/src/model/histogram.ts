/** The counts of an update's numbers by size: ten, by powers of ten, from below 1e-8 to 1 and more. */
export interface Span {
  readonly from: string;
  /** Nothing in the last span, which has no end. */
  readonly to: string | null;
  readonly count: number;
}

const FIRST_EXPONENT = -8;

/** The spans without the empty ones at both ends; empty ones between others stay, so that a gap is seen. */
export function spans(counts: readonly number[]): Span[] {
  const last = counts.length - 1;
  const all = counts.map((count, place) => ({
    from: place === 0 ? "0" : bound(place - 1),
    to: place === last ? null : bound(place),
    count,
  }));
  const full = all.map(({ count }) => count > 0);
  return all.slice(Math.max(0, full.indexOf(true)), full.lastIndexOf(true) + 1);
}

function bound(place: number): string {
  return String(Number(`1e${FIRST_EXPONENT + place}`));
}
