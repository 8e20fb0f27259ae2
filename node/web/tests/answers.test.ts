import { describe, expect, it } from "vitest";

import type { Choice } from "../src/model/answers";
import { answersOf, choicesOf, choose, typed, withConfidence } from "../src/model/answers";
import type { Draft, DrawnMark } from "../src/model/draft";
import { draftFrom, EMPTY_DRAFT, keyOf, marksOf, slotOf, withMark, withoutMark } from "../src/model/draft";
import type { Asked, Form } from "../src/model/slots";
import { asked, faultOf, offered, open } from "../src/model/slots";
import type { Question } from "../src/model/types";
import { image, options, question, schema } from "./schema";

const option = (code: string): Choice => ({ kind: "option", code });
const abstain = { kind: "abstention", code: "indeterminate" } as const;
const drawnOn = (code: string, more: Partial<DrawnMark> = {}): DrawnMark => ({
  question: code,
  image_id: "i",
  frame: 1,
  shape: { shape: "keypoint", point: [1, 2] },
  ...more,
});

function form(questions: readonly Question[], draft: Draft = EMPTY_DRAFT): Form {
  return { schema: schema(...questions), images: [image("i"), image("j"), image("k", 2)], draft };
}

function first(of: Form): Asked {
  const one = asked(of)[0];
  if (one === undefined) {
    throw new Error("nothing is asked");
  }
  return one;
}

describe("choices", () => {
  const single = question("q", { options: options("a", "b"), abstentions: ["indeterminate", "not-assessable"] });
  const multi = question("q", { kind: "multi", options: options("a", "b", "none") });

  it("are the options and the abstentions that the question offers, in this order", () => {
    expect(choicesOf(single).map(({ code }) => code)).toEqual(["a", "b", "indeterminate", "not-assessable"]);
  });

  it("of one question are one, the later one, and none when it is made again", () => {
    const empty = form([single]);
    const one = { ...empty, draft: choose(empty, first(empty), option("a")) };
    const other = { ...empty, draft: choose(one, first(one), abstain) };
    expect(other.draft.answers).toEqual({ "q|||": { abstention: "indeterminate" } });
    expect(choose(other, first(other), abstain)).toEqual(EMPTY_DRAFT);
  });

  it("of several stand in the order of the schema, and one that stands alone pushes the others out", () => {
    const step = (draft: Draft, choice: Choice) => choose(form([multi], draft), first(form([multi])), choice);
    const both = step(step(EMPTY_DRAFT, option("b")), option("a"));
    expect(both.answers["q|||"]).toEqual({ options: ["a", "b"] });
    const none = step(both, option("none"));
    expect(none.answers["q|||"]).toEqual({ options: ["none"] });
    expect(step(none, option("b")).answers["q|||"]).toEqual({ options: ["b"] });
    expect(step(step(none, option("b")), option("b"))).toEqual(EMPTY_DRAFT);
  });

  it("cannot say that there is nothing where something is marked", () => {
    const geometry = question("g", { kind: "geometry", geometry: { shapes: ["box"], at_most: 1 }, abstentions: ["absent"] });
    const marked = form([geometry], withMark(EMPTY_DRAFT, drawnOn("g")).draft);
    expect(choose(marked, first(marked), { kind: "abstention", code: "absent" })).toBe(marked.draft);
  });
});

describe("what is typed", () => {
  const number = question("n", { kind: "number", number: { unit: "mm", minimum: 0, maximum: 50, whole: false } });
  const fault = (asking: Question, words: string) => {
    const empty = form([asking]);
    return faultOf(form([asking], typed(empty, first(empty), words)), first(empty));
  };

  it("is a number within its bounds, or says why not", () => {
    expect(["", "12.5", "12.", "1e3", "abc", "-1", "51", "٣"].map((words) => fault(number, words))).toEqual([
      "unanswered",
      null,
      null,
      "no-number",
      "no-number",
      "out-of-range",
      "out-of-range",
      "no-number",
    ]);
    const whole = { ...number, number: { unit: "1", minimum: 0, maximum: 9, whole: true } };
    expect([fault(whole, "2"), fault(whole, "2.5")]).toEqual([null, "not-whole"]);
  });

  it("is a text of so many characters, Hangul and signs beyond the first plane counted once", () => {
    const asking = question("t", { kind: "text", max_characters: 3 });
    expect(["가나다", "가나다라", "🫁🫁🫁", "  "].map((words) => fault(asking, words))).toEqual([
      null,
      "text-too-long",
      null,
      "unanswered",
    ]);
  });

  it("needs a confidence where the question asks for one", () => {
    const sure = question("q", { options: options("a", "b"), confidence_required: true });
    const empty = form([sure]);
    const chosen = form([sure], choose(empty, first(empty), option("a")));
    expect(faultOf(chosen, first(chosen))).toBe("confidence-missing");
    const whole = form([sure], withConfidence(chosen, first(chosen), 0.75));
    expect(answersOf(whole)).toEqual([{ question: "q", option: "a", confidence: 0.75 }]);
    expect(faultOf(form([sure], choose(empty, first(empty), abstain)), first(empty))).toBeNull();
  });
});

describe("what is asked", () => {
  const yes = question("yes", { options: options("no", "yes") });

  it("depends on another answer", () => {
    const more = question("more", { options: options("a", "b"), when: { question: "yes", one_of: ["yes"] } });
    const empty = form([yes, more]);
    expect(asked(empty).map(({ key }) => key)).toEqual(["yes|||"]);
    const said = form([yes, more], choose(empty, first(empty), option("yes")));
    expect(asked(said).map(({ key }) => key)).toEqual(["yes|||", "more|||"]);
    expect(open(said).map(({ key }) => key)).toEqual(["more|||"]);
  });

  it("is asked of every image, or of the first of each series", () => {
    const each = question("each", { level: "instance", options: options("a", "b") });
    const series = question("series", { level: "series", options: options("a", "b") });
    expect(asked(form([each, series])).map(({ key }) => key)).toEqual([
      "each|i||",
      "each|j||",
      "each|k||",
      "series|i||",
      "series|k||",
    ]);
  });

  it("may be said of a frame, and then is asked of it", () => {
    const frame = question("f", { level: "frame", options: options("a", "b") });
    const empty = form([frame]);
    expect(asked(empty)).toEqual([]);
    const here = offered(empty, "j", 3);
    expect(here.map(({ key }) => key)).toEqual(["f|j|3|"]);
    const said = here.map((one) => form([frame], choose(empty, one, option("a")))).flatMap((with_) => answersOf(with_));
    expect(said).toEqual([{ question: "f", place: { image_id: "j", frame: 3 }, option: "a" }]);
  });

  it("is asked once for every thing that is marked, and forgotten with its last mark", () => {
    const marks = question("g", { kind: "geometry", geometry: { shapes: ["keypoint"], at_most: 9 } });
    const about = question("a", { per_mark: "g", options: options("a", "b") });
    const one = withMark(EMPTY_DRAFT, drawnOn("g")).draft;
    const two = withMark(one, drawnOn("g", { frame: 2, of: "m1" })).draft;
    const three = form([marks, about], withMark(two, drawnOn("g")).draft);
    expect(asked(three).map(({ key }) => key)).toEqual(["g|||", "a|||m1", "a|||m3"]);
    const said = choose(three, asked(three)[1] ?? first(three), option("b"));
    expect(withoutMark(said, "m1").answers["a|||m1"]).toEqual({ option: "b" });
    expect(withoutMark(withoutMark(said, "m1"), "m2").answers).toEqual({});
    expect(answersOf(form([marks, about], said)).map(({ question: code, mark }) => [code, mark])).toEqual([
      ["g", undefined],
      ["a", "m1"],
    ]);
  });
});

describe("a draft", () => {
  it("names slots so that they are found again", () => {
    for (const slot of [{ question: "q" }, { question: "q", image: "i", frame: 2 }, { question: "q", mark: "m1" }]) {
      expect(slotOf(keyOf(slot))).toEqual(slot);
    }
  });

  it("begins anew where the node kept something else", () => {
    expect(draftFrom({})).toEqual(EMPTY_DRAFT);
  });

  it("keeps marks in the order in which they were drawn, beyond nine too", () => {
    let draft = EMPTY_DRAFT;
    for (let count = 0; count < 11; count += 1) {
      draft = withMark(draft, drawnOn("g")).draft;
    }
    expect(marksOf(draft, "g").map(([name]) => name).slice(-3)).toEqual(["m9", "m10", "m11"]);
  });
});
