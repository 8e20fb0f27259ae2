import { describe, expect, it } from "vitest";

import { amountOf, signedAmountOf } from "../src/model/amounts";

describe("an amount that somebody types", () => {
  it("keeps every digit", () => {
    expect(amountOf(" 2,500.10 ")).toBe("2500.10");
    expect(amountOf("999999999.9999")).toBe("999999999.9999");
  });

  it("is refused where it is none, or its commas mean something else", () => {
    for (const text of ["", "-1", "1e3", "1,5", "12,34.5", "0x10", "1.00001", "1234567890"]) {
      expect(amountOf(text), text).toBeNull();
    }
  });

  it("may be taken away in a counter-entry, and is never nothing there", () => {
    expect(signedAmountOf("−1,500")).toBe("-1500");
    expect(signedAmountOf("20.5")).toBe("20.5");
    for (const text of ["0", "-0.00", "--1", ""]) {
      expect(signedAmountOf(text), text).toBeNull();
    }
  });
});
