import { describe, expect, it } from "vitest";

import { isFinal, partnersOf, routeOf, STATES, stepsFrom, usesOffered, verdictStands, VERDICT_REASONS } from "../src/model/life";

describe("the life of a project", () => {
  it("offers in every state what its table says", () => {
    const offered = Object.fromEntries(STATES.map((state) => [state, stepsFrom(state).map(routeOf)]));
    expect(offered).toEqual({
      draft: ["pilot", "open", "archive"],
      pilot: ["open", "pilot", "freeze"],
      open: ["open", "freeze"],
      frozen: ["open", "archive"],
      archived: [],
    });
  });

  it("ends with nothing but the archive", () => {
    const final = STATES.flatMap((state) => stepsFrom(state).filter(isFinal));
    expect(new Set(final)).toEqual(new Set(["archive"]));
  });
});

describe("a permission", () => {
  it("is widened only in a draft", () => {
    expect(usesOffered("own", "draft")).toEqual(["own", "named-partners", "any-approved-plan"]);
    expect(usesOffered("own", "open")).toEqual(["own"]);
    expect(usesOffered("named-partners", "pilot")).toEqual(["own", "named-partners"]);
    expect(usesOffered("any-approved-plan", "frozen")).toHaveLength(3);
  });

  it("names partners one a line", () => {
    expect(partnersOf(" a \n\nb, c\n")).toEqual(["a", "b", "c"]);
    expect(partnersOf("  ")).toEqual([]);
  });
});

describe("a verdict", () => {
  it("names no option only for a reason that leaves it open", () => {
    const open = VERDICT_REASONS.filter((reason) => verdictStands(null, reason));
    expect(open).toEqual(["borderline", "guideline-unclear", "image-insufficient"]);
  });

  it("names an option for every reason but an image that shows too little", () => {
    const named = VERDICT_REASONS.filter((reason) => verdictStands("present", reason));
    expect(named).toEqual(VERDICT_REASONS.filter((reason) => reason !== "image-insufficient"));
  });
});
