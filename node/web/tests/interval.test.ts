import { describe, expect, it } from "vitest";

import { barOf, placeOf } from "../src/model/interval";

describe("an agreement figure on its line", () => {
  it("stands between -0.2 and 1", () => {
    expect([-0.2, 0, 0.4, 1].map((figure) => placeOf(figure, 120))).toEqual([0, 20, 60, 120]);
  });

  it("is cut off outside it", () => {
    expect(barOf({ alpha: -0.7, low: -1, high: 1.2 }, 120)).toEqual({ from: 0, to: 120, at: 0 });
  });

  it("is a point without an interval, and nothing without a figure", () => {
    expect(barOf({ alpha: 0.4, low: null, high: null }, 120)).toEqual({ from: 60, to: 60, at: 60 });
    expect(barOf({ alpha: null, low: 0.1, high: 0.2 }, 120)).toBeNull();
  });
});
