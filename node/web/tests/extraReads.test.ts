import { describe, expect, it } from "vitest";

import { extraReadsOf, perCent, repeatsOf, schemaAsking } from "../src/model/extraReads";
import { question, schema } from "./schema";

const SAID = { bound: "95", most: "5", chance: "10", places: "2" };

describe("extra readings", () => {
  it("are sent as shares, the number as it is", () => {
    expect(extraReadsOf(SAID, 3)).toEqual({ bound: 0.95, at_most: 5, by_chance: 0.1, places_each: 2 });
    expect(extraReadsOf({ bound: " 97.25 ", most: "20", chance: "100", places: "50" }, 19)).toEqual({ bound: 0.9725, at_most: 20, by_chance: 1, places_each: 50 });
  });

  it("are not sent where the node would refuse them", () => {
    const wrong = [{ bound: "50" }, { bound: "100" }, { bound: "" }, { bound: "9e1" }, { most: "3" }, { most: "21" }, { most: "4.5" }, { chance: "0" }, { chance: "101" }, { chance: "-1" }, { places: "0" }, { places: "51" }, { places: "" }];
    for (const one of wrong) {
      expect(extraReadsOf({ ...SAID, ...one }, 3), JSON.stringify(one)).toBeNull();
    }
  });
});

describe("repeats", () => {
  it("are up to a fifth of the readings, after 1 to 365 days", () => {
    expect(repeatsOf({ share: "20", days: "30" })).toEqual({ share: 0.2, after_days: 30 });
    expect(repeatsOf({ share: "0.5", days: "365" })).toEqual({ share: 0.005, after_days: 365 });
    for (const [share, days] of [["20.01", "30"], ["0", "30"], ["5", "0"], ["5", "366"], ["", ""]] as const) {
      expect(repeatsOf({ share, days }), `${share} ${days}`).toBeNull();
    }
  });
});

describe("a share in a field", () => {
  it("is what was typed", () => {
    expect([0.07, 0.95, 0.005, 1].map(perCent)).toEqual(["7", "95", "0.5", "100"]);
  });
});

describe("what was voted on", () => {
  it("is asked by one schema, or by versions that ask it in the same words", () => {
    const asked = schema(question("finding"));
    const later = { ...asked, schema_version: 2 };
    const otherwise = schema(question("finding", { text: { en: "else", ko: "다른 말" } }));
    expect(schemaAsking([asked, schema(question("else"))], "finding/mass")).toBe(asked);
    expect(schemaAsking([asked, later], "finding")).toBe(later);
    expect(schemaAsking([asked, otherwise], "finding")).toBeUndefined();
    expect(schemaAsking([asked], "nothing-such")).toBeUndefined();
    expect(schemaAsking(undefined, "finding")).toBeUndefined();
  });
});
