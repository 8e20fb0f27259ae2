/** What a lead types about extra readings and repeats, as the node takes it; null while it is nothing the node takes. */
import type { ExtraReadsAsked, Repeats } from "./desk";
import type { Schema } from "./types";

/** How often a case may be read at most. */
export const MOST_READS = 20;
/** How many extra places each reader may have at most. */
export const MOST_PLACES = 50;
export const REPEATS = { share: 20, days: 365 } as const;

/** A share as per cent, with at most two places. */
function shareOf(typed: string): number | null {
  return /^\d{1,3}(\.\d{1,2})?$/.test(typed.trim()) ? Number((Number(typed) / 100).toFixed(4)) : null;
}

function countOf(typed: string): number | null {
  return /^\d{1,3}$/.test(typed.trim()) ? Number(typed) : null;
}

/** A share as it stands in a field of per cents. */
export function perCent(share: number): string {
  return String(Number((100 * share).toFixed(2)));
}

export interface ExtraReadsTyped {
  readonly bound: string;
  readonly most: string;
  readonly chance: string;
  readonly places: string;
}

/** `reads`: how often every case is read anyway. */
export function extraReadsOf(typed: ExtraReadsTyped, reads: number): ExtraReadsAsked | null {
  const [bound, most, chance, places] = [shareOf(typed.bound), countOf(typed.most), shareOf(typed.chance), countOf(typed.places)];
  if (bound === null || most === null || chance === null || places === null) {
    return null;
  }
  const sure = bound > 0.5 && bound < 1 && most > reads && most <= MOST_READS;
  const stands = sure && chance > 0 && chance <= 1 && places >= 1 && places <= MOST_PLACES;
  return stands ? { bound, at_most: most, by_chance: chance, places_each: places } : null;
}

export function repeatsOf(typed: { readonly share: string; readonly days: string }): Repeats | null {
  const [share, days] = [shareOf(typed.share), countOf(typed.days)];
  if (share === null || days === null) {
    return null;
  }
  const stands = share > 0 && 100 * share <= REPEATS.share && days >= 1 && days <= REPEATS.days;
  return stands ? { share, after_days: days } : null;
}

/** The schema that asks what was voted on; none where schemas ask it in different words. */
export function schemaAsking(schemas: readonly Schema[] | undefined, voted: string): Schema | undefined {
  const [code] = voted.split("/");
  const words = (one: Schema) => JSON.stringify(one.questions.find((question) => question.code === code)?.text);
  const asking = (schemas ?? []).filter((one) => one.questions.some((question) => question.code === code));
  return new Set(asking.map(words)).size === 1 ? asking.at(-1) : undefined;
}
