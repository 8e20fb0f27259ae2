import { describe, expect, it } from "vitest";

import { casesOf, MOST_CASES } from "../src/model/caseList";
import { newPersonOf } from "../src/model/newPerson";

const TYPED = { name: " 김영상 ", roles: ["reader"], department: "", language: "ko" } as const;
const CASE = "00000000-0000-4000-8000-00000000000a";

describe("somebody who joins", () => {
  it("has a name and a role, and no specialty where none was chosen", () => {
    expect(newPersonOf(TYPED)).toEqual({ name: "김영상", roles: ["reader"], department: null, language: "ko" });
    expect(newPersonOf({ ...TYPED, department: "radiology" })?.department).toBe("radiology");
    expect(newPersonOf({ ...TYPED, name: "  " })).toBeNull();
    expect(newPersonOf({ ...TYPED, roles: [] })).toBeNull();
  });
});

describe("cases to be read anew", () => {
  it("are identifiers, each once, however they are set apart", () => {
    expect(casesOf(`${CASE.toUpperCase()}, ${CASE}\n`)).toEqual([CASE]);
    expect(casesOf("  ")).toEqual([]);
  });

  it("are none where something else stands among them, or too many", () => {
    expect(casesOf(`${CASE} Hong`)).toBeNull();
    const many = Array.from({ length: MOST_CASES + 1 }, (_, place) => CASE.slice(0, -4) + String(1000 + place));
    expect(casesOf(many.join(" "))).toBeNull();
    expect(casesOf(many.slice(1).join(" "))).toHaveLength(MOST_CASES);
  });
});
