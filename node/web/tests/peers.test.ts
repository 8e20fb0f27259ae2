import { describe, expect, it } from "vitest";

import { heardOf, mayCompare, mayTakeBack } from "../src/model/peers";

describe("words that were heard", () => {
  it("are complete when all four are there, however they were typed", () => {
    expect(heardOf(" Lusab, babad\ngutih  TUGAD ")).toEqual({ said: "lusab babad gutih tugad", complete: true, wrong: "" });
    expect(heardOf("lusab babad gutih tugad").complete).toBe(true);
  });

  it("are not wrong while one is being typed", () => {
    expect(heardOf("")).toEqual({ said: "", complete: false, wrong: "" });
    expect(heardOf("lusab bab")).toEqual({ said: "lusab bab", complete: false, wrong: "" });
    expect(heardOf("lusab bab ").wrong).toBe("bab");
  });

  it("name the first that can be none, in other letters too", () => {
    expect(heardOf("lusab bax").wrong).toBe("bax");
    expect(heardOf("ㅣㅕㄴ").wrong).toBe("ㅣㅕㄴ");
    expect(heardOf("lusabb").wrong).toBe("lusabb");
    expect(heardOf("lusab babad gutih tugad lusab")).toMatchObject({ complete: false, wrong: "lusab" });
  });
});

describe("a hospital's key", () => {
  it("is compared where the own word does not stand, and whatever is believed can be believed no more", () => {
    const all = ["own", "compared", "vouched", "unknown", "revoked"] as const;
    expect(all.filter(mayCompare)).toEqual(["vouched", "unknown", "revoked"]);
    expect(all.filter(mayTakeBack)).toEqual(["compared", "vouched"]);
  });
});
