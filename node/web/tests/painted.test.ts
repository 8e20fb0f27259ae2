import { describe, expect, it } from "vitest";

import { difference, merged } from "../src/model/merge";
import type { Lines } from "../src/model/painted";
import { combined, isPainted, maskOf, pixelsOf, stretchesOf, withoutStroke, withStroke } from "../src/model/painted";
import { dab, resized, swept, within } from "../src/tools/brush";
import { measured } from "../src/tools/measure";
import { distanceTo, isEmpty, outlineOf } from "../src/tools/shapes";

const EXTENT = { columns: 20, rows: 10 };

/** Every painted pixel, the slow way. */
function pixels(lines: Lines): readonly string[] {
  return stretchesOf(lines).flatMap(([row, from, to]) => Array.from({ length: to - from }, (_, at) => `${from + at},${row}`));
}

describe("stretches of a row", () => {
  it("are joined, cut and kept apart", () => {
    const either = (one: boolean, other: boolean) => one || other;
    const only = (one: boolean, other: boolean) => one && !other;
    expect(combined([2, 5], [5, 9], either)).toEqual([2, 9]);
    expect(combined([2, 5], [7, 9], either)).toEqual([2, 5, 7, 9]);
    expect(combined([2, 9], [4, 6], only)).toEqual([2, 4, 6, 9]);
    expect(combined([2, 9], [0, 20], only)).toEqual([]);
  });
});

describe("a mask", () => {
  const lines: Lines = { "1": [0, 3], "0": [18, 20], "9": [19, 20] };

  it("is submitted as runs from the upper left, outside first, of the whole frame", () => {
    const runs = maskOf({ shape: "mask", ...EXTENT, lines }).runs;
    expect(runs).toEqual([18, 5, 176, 1]);
    expect(runs.reduce((sum, run) => sum + run, 0)).toBe(200);
    expect(maskOf({ shape: "mask", ...EXTENT, lines: { "0": [0, 20] } }).runs).toEqual([0, 20, 180]);
  });

  it("knows its pixels, its area and what lies on it", () => {
    expect(pixelsOf(lines)).toBe(6);
    expect(isPainted(lines, 2.9, 1.1)).toBe(true);
    expect(isPainted(lines, 3, 1.1)).toBe(false);
    const shape = { shape: "mask" as const, ...EXTENT, lines };
    expect(measured(shape, [0.5, 2])).toEqual({ value: 6, unit: "mm²" });
    expect(distanceTo(shape, [19.5, 9.5])).toBe(0);
    expect(distanceTo(shape, [5, 5])).toBe(Infinity);
    expect(outlineOf(shape).points).toEqual([[18, 0]]);
    expect(isEmpty({ ...shape, lines: {} })).toBe(true);
  });

  it("changes the rows a stroke touched and no other, so that a change set stays small", () => {
    const before = dab([10, 5], 4, EXTENT);
    const after = withStroke(before, dab([14, 5], 1, EXTENT));
    const patch = difference({ lines: before }, { lines: after });
    expect(Object.keys((patch as { lines: object }).lines)).toEqual(["4", "5"]);
    expect(merged({ lines: before }, patch ?? {})).toEqual({ lines: after });
    const erased = withoutStroke(after, dab([10, 5], 9, EXTENT));
    expect(erased).toEqual({});
  });
});

describe("a brush", () => {
  it("meets the pixels whose centres are under it, and never beyond the image", () => {
    const wanted: string[] = [];
    for (let row = 0; row < 10; row += 1) {
      for (let column = 0; column < 20; column += 1) {
        if (Math.hypot(column + 0.5 - 18.2, row + 0.5 - 3.7) <= 3.3) {
          wanted.push(`${column},${row}`);
        }
      }
    }
    expect(pixels(dab([18.2, 3.7], 3.3, EXTENT))).toEqual(wanted);
    expect(dab([-9, 3], 2, EXTENT)).toEqual({});
  });

  it("of less than a pixel paints the one it is on", () => {
    expect(pixels(dab([4.9, 2.1], 0.5, EXTENT))).toEqual(["4,2"]);
    expect(dab([20.1, 2], 0.5, EXTENT)).toEqual({});
  });

  it("leaves no gap on a quick way", () => {
    const lines = swept([2.5, 5], [17.5, 5], 1, EXTENT);
    expect(lines["4"]).toEqual([2, 18]);
    expect(lines["5"]).toEqual([2, 18]);
  });

  it("heeds a range of stored values, both ends with it, and colours not at all", () => {
    const values = Uint16Array.from({ length: 200 }, (_, at) => at % 20);
    const frame = { ...EXTENT, samples: 1, values, inverted: false };
    expect(within({ "3": [0, 20] }, frame, { low: 5, high: 7 })).toEqual({ "3": [5, 8] });
    expect(within({ "3": [6, 20] }, frame, { low: 5, high: 7 })).toEqual({ "3": [6, 8] });
    expect(within({ "3": [8, 20] }, frame, { low: 5, high: 7 })).toEqual({});
    expect(within({ "3": [0, 20] }, { ...frame, samples: 3 }, { low: 0, high: 99 })).toEqual({});
  });

  it("grows and shrinks within bounds", () => {
    expect(resized(8, true)).toBe(10);
    expect(resized(1, false)).toBe(0.5);
    expect(resized(0.5, false)).toBe(0.5);
    expect(resized(0.5, true)).toBe(1);
    expect(resized(256, true)).toBe(256);
  });
});
