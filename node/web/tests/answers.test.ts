import { describe, expect, it } from "vitest";

import { choiceForKey, choose, emptyForm, isChosen, openQuestions } from "../src/model/answers";
import type { Schema } from "../src/model/types";

const text = { en: "x", ko: "x" };
const choiceOf = (code: string, ...options: string[]): Schema["questions"][number] => ({
  code,
  kind: "single",
  level: "study",
  text,
  options: options.map((option) => ({ code: option, text, alone: false })),
  abstentions: ["absent", "indeterminate", "not-assessable", "outside-my-field"],
  confidence_required: false,
});
const schema: Schema = {
  schema_code: "s",
  schema_version: 1,
  title: text,
  questions: [choiceOf("a", "no", "yes"), choiceOf("b", "left", "right")],
};

describe("a form", () => {
  it("has every question open at first", () => {
    expect(openQuestions(emptyForm(schema)).map(({ code }) => code)).toEqual(["a", "b"]);
  });

  it("takes one answer per question, the later one", () => {
    const first = choose(emptyForm(schema), { question: "a", kind: "option", code: "no" });
    const second = choose(first, { question: "a", kind: "abstention", code: "indeterminate" });
    expect([...second.answers.values()]).toEqual([{ question: "a", abstention: "indeterminate" }]);
  });

  it("takes a choice back when it is made again", () => {
    const choice = { question: "a", kind: "option", code: "no" } as const;
    expect(isChosen(choose(choose(emptyForm(schema), choice), choice), choice)).toBe(false);
  });

  it("gives digit keys to the first open question", () => {
    const form = choose(emptyForm(schema), { question: "a", kind: "option", code: "no" });
    expect(choiceForKey(form, "2")).toEqual({ question: "b", kind: "option", code: "right" });
    expect(choiceForKey(form, "3")).toEqual({ question: "b", kind: "abstention", code: "indeterminate" });
    expect(choiceForKey(form, "9")).toBeNull();
    expect(choiceForKey(form, "x")).toBeNull();
  });
});
