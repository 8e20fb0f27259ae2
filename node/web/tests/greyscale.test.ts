import { describe, expect, it } from "vitest";

import { blockMeans, ramp, saidOf, TOLERANCE, worstDifference } from "../src/viewer/greyscale";
import { toRgba, windowOf } from "../src/viewer/window";

function plain(width: number, height: number, grey: (at: number) => number) {
  return { width, height, data: new Uint8ClampedArray(width * height * 4).map((_, at) => (at % 4 === 3 ? 255 : grey(Math.floor(at / 4)))) };
}

describe("the greyscale self-check", () => {
  it("finds every grey of the page's ramp where it belongs", () => {
    const { frame, wanted } = ramp();
    const shown = { width: frame.columns, height: frame.rows, data: toRgba(frame, { low: 0, high: 65535 }) };
    expect(worstDifference(shown, wanted)).toBe(0);
  });

  it("finds a steep curve that was left out, a picture turned round, and one of another size", () => {
    const [straight, curved] = [plain(64, 64, (at) => at % 256), plain(64, 64, (at) => 255 * Math.sqrt((at % 256) / 255))];
    expect(worstDifference(straight, curved)).toBeGreaterThan(TOLERANCE);
    expect(worstDifference(straight, plain(64, 64, (at) => 255 - (at % 256)))).toBeGreaterThan(50);
    expect(worstDifference(straight, plain(64, 63, (at) => at % 256))).toBe(Infinity);
  });

  it("takes rounding for what it is", () => {
    expect(worstDifference(plain(100, 37, () => 100), plain(100, 37, (at) => 100 + (at % 2)))).toBeLessThan(TOLERANCE);
  });

  it("takes means of at most 16 by 16 blocks, the last ones smaller", () => {
    expect(blockMeans(plain(3, 2, (at) => at))).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5]);
    expect(blockMeans(plain(33, 33, () => 9))).toHaveLength(11 * 11 * 3);
  });
});

describe("a window as it is written down", () => {
  it("is the one it was made of", () => {
    for (const plane of [{ slope: 1, intercept: 0 }, { slope: 2, intercept: -1024 }]) {
      const { centre, width } = saidOf(windowOf(40, 400, plane), plane);
      expect(centre).toBeCloseTo(40);
      expect(width).toBeCloseTo(400);
    }
  });
});
