import { describe, expect, it } from "vitest";

import type { PersonOfNode } from "../src/model/desk";
import { byUrgency, standingOf } from "../src/model/licences";

const TODAY = "2026-10-01";

function licence(validUntil: string): NonNullable<PersonOfNode["licence"]> {
  return { licence_number: "1", specialty_number: "2", valid_until: validUntil, checked_by: "x", checked_at: "2026-01-01T00:00:00Z" };
}

function someone(name: string, validUntil: string | null, more: Partial<PersonOfNode> = {}): PersonOfNode {
  return {
    person_id: name, name, roles: ["reader"], department: null, language: "ko", active: true, apart: [], subspecialty: null,
    specialist_since: null, licence: validUntil === null ? null : licence(validUntil), ...more,
  };
}

describe("a licence", () => {
  it("holds on its last day and not on the next", () => {
    expect(standingOf(licence("2026-10-01"), TODAY)).toBe("ends-soon");
    expect(standingOf(licence("2026-09-30"), TODAY)).toBe("over");
  });

  it("is warned of sixty days before", () => {
    expect(standingOf(licence("2026-11-30"), TODAY)).toBe("ends-soon");
    expect(standingOf(licence("2026-12-01"), TODAY)).toBe("holds");
    expect(standingOf(null, TODAY)).toBe("none");
  });
});

describe("the list of licences", () => {
  it("begins with what has to be done first, and leaves out who needs none", () => {
    const people = [
      someone("holds", "2030-01-01"), someone("none", null), someone("soon", "2026-11-01"), someone("sooner", "2026-10-02"),
      someone("over", "2026-01-01"), someone("it", null, { roles: ["it"] }), someone("gone", null, { active: false }),
    ];
    expect(byUrgency(people, TODAY).map((one) => one.name)).toEqual(["over", "sooner", "soon", "none", "holds"]);
  });
});
