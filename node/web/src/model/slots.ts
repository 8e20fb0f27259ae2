/** What is asked, given all that was said: the same rule as the node's check, so that what the page calls whole is taken. */
import type { Draft, Said, Slot } from "./draft";
import { keyOf, marksOf, slotOf, thingOf } from "./draft";
import type { CaseImage, Question, Schema } from "./types";

export interface Form {
  readonly schema: Schema;
  readonly images: readonly CaseImage[];
  readonly draft: Draft;
}

export interface Asked {
  readonly question: Question;
  readonly slot: Slot;
  readonly key: string;
}

export type Fault = "unanswered" | "confidence-missing" | "no-number" | "out-of-range" | "not-whole" | "text-too-long" | "too-many-marks";

/** Every question with what it is asked about, in the order of the schema. */
export function asked(form: Form): readonly Asked[] {
  return form.schema.questions.flatMap((question) =>
    possible(form, question)
      .filter((slot) => holds(form, question, slot))
      .map((slot) => ({ question, slot, key: keyOf(slot) })),
  );
}

/** What may be said of a frame that the reader names: questions of frames that were not answered for this one. */
export function offered(form: Form, image: string, frame: number): readonly Asked[] {
  return form.schema.questions
    .filter((question) => question.level === "frame" && question.kind !== "geometry" && question.per_mark == null)
    .map((question) => ({ question, slot: { question: question.code, image, frame } }))
    .filter(({ question, slot }) => !(keyOf(slot) in form.draft.answers) && holds(form, question, slot))
    .map(({ question, slot }) => ({ question, slot, key: keyOf(slot) }));
}

export function saidTo({ draft }: Form, key: string): Said {
  return draft.answers[key] ?? {};
}

/** What is still open. */
export function open(form: Form): readonly Asked[] {
  return asked(form).filter((one) => faultOf(form, one) !== null);
}

/** Why the node would not take what is said here; none when it would. */
export function faultOf(form: Form, { question, key }: Asked): Fault | null {
  const said = saidTo(form, key);
  if (said.abstention !== undefined) {
    return null;
  }
  const fault = kindFault(form, question, said);
  return fault ?? (question.confidence_required && said.confidence === undefined ? "confidence-missing" : null);
}

function kindFault(form: Form, question: Question, said: Said): Fault | null {
  switch (question.kind) {
    case "single":
    case "ordinal":
      return said.option === undefined ? "unanswered" : null;
    case "multi":
      return said.options === undefined || said.options.length === 0 ? "unanswered" : null;
    case "number":
      return numberFault(question, said.typed ?? "");
    case "text":
      return textFault(question, said.text ?? "");
    case "geometry": {
      const count = marksOf(form.draft, question.code).length;
      if (count === 0) {
        return "unanswered";
      }
      return count > (question.geometry?.at_most ?? 0) ? "too-many-marks" : null;
    }
  }
}

function textFault({ max_characters: most }: Question, text: string): Fault | null {
  if (text.trim() === "") {
    return "unanswered";
  }
  return lengthOf(text) > (most ?? 0) ? "text-too-long" : null;
}

/** How many characters the node counts: code points. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

function numberFault({ number: rule }: Question, typed: string): Fault | null {
  const value = numberFrom(typed);
  if (typed.trim() === "") {
    return "unanswered";
  }
  if (value === null) {
    return "no-number";
  }
  if (rule == null || value < rule.minimum || value > rule.maximum) {
    return "out-of-range";
  }
  return rule.whole && !Number.isInteger(value) ? "not-whole" : null;
}

/** A number as people type it: digits, at most one point. */
export function numberFrom(typed: string): number | null {
  return /^[+-]?\d{1,15}(\.\d{0,15})?$/.test(typed.trim()) ? Number(typed) : null;
}

function possible({ draft, images }: Form, question: Question): readonly Slot[] {
  const code = question.code;
  if (question.per_mark != null) {
    const things = marksOf(draft, question.per_mark).map(([name, mark]) => thingOf(name, mark));
    return [...new Set(things)].map((mark) => ({ question: code, mark }));
  }
  if (question.kind === "geometry" || question.level === "study") {
    return [{ question: code }];
  }
  if (question.level === "frame") {
    return Object.keys(draft.answers).map(slotOf).filter((slot) => slot.question === code && slot.frame !== undefined);
  }
  const firsts = images.filter((image, index) => images.findIndex(({ series }) => series === image.series) === index);
  return (question.level === "series" ? firsts : images).map((image) => ({ question: code, image: image.image_id }));
}

function holds(form: Form, question: Question, slot: Slot): boolean {
  const condition = question.when;
  if (condition == null) {
    return true;
  }
  const other = form.schema.questions.find(({ code }) => code === condition.question);
  const aboutCase = other?.level === "study" && other.per_mark == null;
  const said = saidTo(form, keyOf(aboutCase ? { question: condition.question } : { ...slot, question: condition.question }));
  const chosen = said.options ?? (said.option === undefined ? [] : [said.option]);
  return chosen.some((code) => condition.one_of.includes(code));
}
