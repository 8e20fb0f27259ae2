/** An agreement figure and its interval on a line of fixed width. Agreement below chance is cut off at the line's start. */

export interface Figure {
  readonly alpha: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

const LOWEST = -0.2;
const HIGHEST = 1;

/** Where the figure stands on a line of this width; null where there is no figure. */
export function barOf(figure: Figure, width: number): Bar | null {
  const { alpha, low, high } = figure;
  if (alpha === null) {
    return null;
  }
  return { from: placeOf(low ?? alpha, width), to: placeOf(high ?? alpha, width), at: placeOf(alpha, width) };
}

/** Where a figure stands on the line, between its two ends. */
export function placeOf(figure: number, width: number): number {
  const inside = Math.min(HIGHEST, Math.max(LOWEST, figure));
  return Math.round((1000 * width * (inside - LOWEST)) / (HIGHEST - LOWEST)) / 1000;
}
