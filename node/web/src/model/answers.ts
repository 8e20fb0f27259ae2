/** The form of one case as a plain value: what was answered, what is still open, which key means what. */
import type { Answer, Question, Schema } from "./types";
import { ABSTENTIONS } from "./types";

export interface Form {
  readonly schema: Schema;
  readonly answers: ReadonlyMap<string, Answer>;
}

export interface Choice {
  readonly question: string;
  readonly kind: "option" | "abstention";
  readonly code: string;
}

export function emptyForm(schema: Schema): Form {
  return { schema, answers: new Map() };
}

/** The form with one choice made; the same choice again takes it back. */
export function choose(form: Form, choice: Choice): Form {
  const answers = new Map(form.answers);
  if (isChosen(form, choice)) {
    answers.delete(choice.question);
  } else {
    answers.set(choice.question, { question: choice.question, [choice.kind]: choice.code });
  }
  return { ...form, answers };
}

export function isChosen(form: Form, choice: Choice): boolean {
  return form.answers.get(choice.question)?.[choice.kind] === choice.code;
}

/** Questions without an answer; a reading can be submitted when there are none. */
export function openQuestions(form: Form): readonly Question[] {
  return form.schema.questions.filter((question) => !form.answers.has(question.code));
}

/** What a digit key means: the choices of the first open question, or of the last one when all are answered. */
export function choiceForKey(form: Form, key: string): Choice | null {
  const question = openQuestions(form)[0] ?? form.schema.questions.at(-1);
  const index = Number.parseInt(key, 10) - 1;
  if (question === undefined || Number.isNaN(index) || index < 0) {
    return null;
  }
  return choicesOf(question)[index] ?? null;
}

/** Every choice of a question in the order of its keys: options first, then the answers that are no option. */
export function choicesOf(question: Question): readonly Choice[] {
  const options = question.options.map(({ code }) => ({ question: question.code, kind: "option" as const, code }));
  const others = ABSTENTIONS.map((code) => ({ question: question.code, kind: "abstention" as const, code }));
  return [...options, ...others];
}
