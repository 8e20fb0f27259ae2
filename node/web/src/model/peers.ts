/** Words of a comparison by telephone as they are heard and typed, and what may be done about a hospital's key. */
import type { Belief } from "./desk";

/** How many words one of the two people reads out at a time. */
export const WORDS_HEARD = 4;
const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aiou";
const LETTERS = [CONSONANTS, VOWELS, CONSONANTS, VOWELS, CONSONANTS] as const;

export interface Heard {
  /** As the node compares them: small letters, one space between. */
  readonly said: string;
  readonly complete: boolean;
  /** The first that can be no word of a comparison; empty where there is none. */
  readonly wrong: string;
}

/** What was typed so far. The word being typed is not yet wrong while it can still become one. */
export function heardOf(typed: string): Heard {
  const words = typed.toLowerCase().split(/[\s,]+/).filter((word) => word !== "");
  const typing = /[\s,]$/.test(typed) ? "" : (words.at(-1) ?? "");
  const wrong = words.find((word) => !isWord(word) && !(word === typing && isBeginning(word))) ?? words[WORDS_HEARD] ?? "";
  const complete = wrong === "" && words.length === WORDS_HEARD && words.every(isWord);
  return { said: words.join(" "), complete, wrong };
}

function isWord(word: string): boolean {
  return word.length === LETTERS.length && isBeginning(word);
}

function isBeginning(word: string): boolean {
  return Array.from(word).every((letter, place) => LETTERS[place]?.includes(letter) ?? false);
}

/** A key is compared where this hospital's own word on it does not stand. */
export function mayCompare(belief: Belief): boolean {
  return belief === "unknown" || belief === "vouched" || belief === "revoked";
}

/** An own word can be taken back, and a key that only others vouched for distrusted. */
export function mayTakeBack(belief: Belief): boolean {
  return belief === "compared" || belief === "vouched";
}
