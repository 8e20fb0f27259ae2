/** Unsubmitted work as one JSON object, so that every step of it is a change set. The node keeps it and knows no name in it. */
import type { Abstention, Shape } from "./types";

/** What is said to one question about one thing: as it is typed, so that half a number is kept too. */
export interface Said {
  readonly option?: string;
  readonly options?: readonly string[];
  readonly typed?: string;
  readonly text?: string;
  readonly abstention?: Abstention;
  readonly confidence?: number;
}

export interface DrawnMark {
  readonly question: string;
  readonly image_id: string;
  readonly frame: number;
  readonly of?: string;
  readonly label?: string;
  readonly shape: Shape;
}

export interface Draft {
  readonly answers: Readonly<Record<string, Said>>;
  readonly marks: Readonly<Record<string, DrawnMark>>;
}

/** What an answer is about: the whole case, an image, a frame of it, or a thing that was marked. */
export interface Slot {
  readonly question: string;
  readonly image?: string;
  readonly frame?: number;
  readonly mark?: string;
}

/** What a node keeps of a draft, in bytes, less the room that answers may still need. */
export const MOST_MARK_BYTES = (1024 - 64) * 1024;

export const EMPTY_DRAFT: Draft = { answers: {}, marks: {} };

/** The name of a slot in the draft. No code has a bar in it. */
export function keyOf({ question, image = "", frame, mark = "" }: Slot): string {
  return `${question}|${image}|${frame ?? ""}|${mark}`;
}

export function slotOf(key: string): Slot {
  const [question = "", image = "", frame = "", mark = ""] = key.split("|");
  return {
    question,
    ...(image === "" ? {} : { image }),
    ...(frame === "" ? {} : { frame: Number(frame) }),
    ...(mark === "" ? {} : { mark }),
  };
}

/** A draft as the node kept it; one of an older page, which had other names, begins anew. */
export function draftFrom(content: Readonly<Record<string, unknown>>): Draft {
  const { answers = {}, marks = {} } = content as Partial<Draft>;
  return { answers, marks };
}

/** The draft with something else said in a slot; nothing said leaves no trace. */
export function withSaid(draft: Draft, key: string, said: Said): Draft {
  const answers = { ...draft.answers };
  if (Object.keys(said).length === 0) {
    Reflect.deleteProperty(answers, key);
  } else {
    answers[key] = said;
  }
  return { ...draft, answers };
}

/** The thing a mark shows: what questions about marks are answered under. */
export function thingOf(name: string, { of }: DrawnMark): string {
  return of ?? name;
}

/** The marks of a question, in the order in which they were drawn. */
export function marksOf(draft: Draft, question: string): readonly (readonly [string, DrawnMark])[] {
  return Object.entries(draft.marks)
    .filter(([, mark]) => mark.question === question)
    .sort(([one], [other]) => numberOf(one) - numberOf(other));
}

/** The draft with one more mark, and the name it got. What was said instead of marking is taken back. */
export function withMark(draft: Draft, mark: DrawnMark): { readonly draft: Draft; readonly name: string } {
  const name = `m${Math.max(0, ...Object.keys(draft.marks).map(numberOf)) + 1}`;
  const cleared = withSaid(draft, keyOf({ question: mark.question }), {});
  return { draft: { ...cleared, marks: { ...cleared.marks, [name]: mark } }, name };
}

export function withChangedMark(draft: Draft, name: string, mark: DrawnMark): Draft {
  return { ...draft, marks: { ...draft.marks, [name]: mark } };
}

/** The draft without a mark. What was said about its thing goes with the last mark that shows it. */
export function withoutMark(draft: Draft, name: string): Draft {
  const gone = draft.marks[name];
  if (gone === undefined) {
    return draft;
  }
  const thing = thingOf(name, gone);
  const left = Object.entries(draft.marks).filter(([other]) => other !== name);
  const heir = left.find(([other, mark]) => thingOf(other, mark) === thing);
  if (heir === undefined) {
    const answers = Object.entries(draft.answers).filter(([key]) => slotOf(key).mark !== thing);
    return { answers: Object.fromEntries(answers), marks: Object.fromEntries(left) };
  }
  return { ...draft, marks: Object.fromEntries(left) };
}

/** How large the draft is as it is kept: JSON in UTF-8. */
export function bytesOf(draft: Draft): number {
  return new TextEncoder().encode(JSON.stringify(draft)).length;
}

/** The number in a mark's name. */
export function numberOf(name: string): number {
  return Number(name.slice(1));
}
