/** Choosing, and what is submitted: pure steps from one draft to the next, and from a whole draft to answers. */
import type { Draft, Said } from "./draft";
import { marksOf, slotOf, withSaid } from "./draft";
import { maskOf } from "./painted";
import type { Asked, Form } from "./slots";
import { asked, faultOf, numberFrom, saidTo } from "./slots";
import type { Abstention, Answer, Mark, Question, Shape } from "./types";

export type Choice = { readonly kind: "option"; readonly code: string } | { readonly kind: "abstention"; readonly code: Abstention };

/** How sure a reader can say to be. */
export const CONFIDENCES = [0.25, 0.5, 0.75, 1];

/** Every choice of a question in the order of its keys: options first, then the answers that are no option. */
export function choicesOf(question: Question): readonly Choice[] {
  return [
    ...question.options.map(({ code }) => ({ kind: "option" as const, code })),
    ...question.abstentions.map((code) => ({ kind: "abstention" as const, code })),
  ];
}

export function isChosen(said: Said, choice: Choice): boolean {
  if (choice.kind === "abstention") {
    return said.abstention === choice.code;
  }
  return said.option === choice.code || (said.options ?? []).includes(choice.code);
}

/** The draft with one choice made; the same choice again takes it back. Options of marks are not chosen here. */
export function choose({ draft }: Form, { question, key }: Asked, choice: Choice): Draft {
  const said = draft.answers[key] ?? {};
  if (choice.kind === "abstention") {
    const marked = question.kind === "geometry" && marksOf(draft, question.code).length > 0;
    return marked ? draft : withSaid(draft, key, isChosen(said, choice) ? {} : { abstention: choice.code });
  }
  const kept = said.confidence === undefined ? {} : { confidence: said.confidence };
  switch (question.kind) {
    case "single":
    case "ordinal":
      return withSaid(draft, key, isChosen(said, choice) ? {} : { ...kept, option: choice.code });
    case "multi": {
      const options = toggled(question, said.options ?? [], choice.code);
      return withSaid(draft, key, options.length === 0 ? {} : { ...kept, options });
    }
    default:
      return draft;
  }
}

/** The options in the order of the schema; one that stands alone pushes the others out, and is pushed out by them. */
function toggled(question: Question, before: readonly string[], code: string): readonly string[] {
  if (before.includes(code)) {
    return before.filter((one) => one !== code);
  }
  const alone = (one: string) => question.options.find((option) => option.code === one)?.alone === true;
  const beside = alone(code) ? [] : before.filter((one) => !alone(one));
  return question.options.map((option) => option.code).filter((one) => one === code || beside.includes(one));
}

/** The draft with a number or a text as far as it was typed. */
export function typed({ draft }: Form, { question, key }: Asked, words: string): Draft {
  const { confidence } = draft.answers[key] ?? {};
  const kept = confidence === undefined ? {} : { confidence };
  const named = question.kind === "number" ? { typed: words } : { text: words };
  return withSaid(draft, key, words === "" ? {} : { ...kept, ...named });
}

export function withConfidence({ draft }: Form, { key }: Asked, confidence: number): Draft {
  const said = draft.answers[key] ?? {};
  return said.abstention === undefined ? withSaid(draft, key, { ...said, confidence }) : draft;
}

/** The answers that a whole draft comes to: all that is asked, and nothing else. */
export function answersOf(form: Form): readonly Answer[] {
  return asked(form)
    .filter((one) => faultOf(form, one) === null)
    .map((one) => answerTo(form, one));
}

function answerTo(form: Form, one: Asked): Answer {
  const { image, frame, mark } = slotOf(one.key);
  const about = {
    question: one.question.code,
    ...(image === undefined ? {} : { place: { image_id: image, ...(frame === undefined ? {} : { frame }) } }),
    ...(mark === undefined ? {} : { mark }),
  };
  const { abstention, confidence, option, options, text, typed: digits } = saidTo(form, one.key);
  if (abstention !== undefined) {
    return { ...about, abstention };
  }
  const sure = confidence === undefined ? {} : { confidence };
  switch (one.question.kind) {
    case "geometry":
      return { ...about, ...sure, marks: [...marksSubmitted(form, one.question)] };
    case "number":
      return { ...about, ...sure, number: numberFrom(digits ?? "") };
    case "text":
      return { ...about, ...sure, text: text ?? "" };
    case "multi":
      return { ...about, ...sure, options: [...(options ?? [])] };
    default:
      return { ...about, ...sure, option: option ?? "" };
  }
}

function marksSubmitted({ draft }: Form, { code }: Question): readonly Mark[] {
  return marksOf(draft, code).map(([name, { image_id, frame, of, label, shape }]) => ({
    mark: name,
    image_id,
    frame,
    ...(of === undefined ? {} : { of }),
    ...(label === undefined ? {} : { label }),
    shape: submitted(shape),
  }));
}

/** A shape as the node takes it. */
export function submitted(shape: Shape): Mark["shape"] {
  return shape.shape === "mask" ? maskOf(shape) : shape;
}
