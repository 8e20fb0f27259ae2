import { describe, expect, it } from "vitest";

import { pixelsOf, stretchesOf } from "../src/model/painted";
import { contourBetween, maskBetween } from "../src/tools/between";
import { dab } from "../src/tools/brush";
import type { Point } from "../src/viewer/transform";

const EXTENT = { columns: 100, rows: 80 };

function middle(lines: ReturnType<typeof dab>): Point {
  const all = stretchesOf(lines).flatMap(([row, from, to]) => Array.from({ length: to - from }, (_, at) => [from + at + 0.5, row + 0.5] as const));
  const sum = all.reduce<Point>(([x, y], [nextX, nextY]) => [x + nextX, y + nextY], [0, 0]);
  return [sum[0] / all.length, sum[1] / all.length];
}

describe("a mask between two slices", () => {
  it("of two discs is a disc between them in size and place", () => {
    const between = maskBetween(dab([30, 40], 10, EXTENT), dab([50, 40], 20, EXTENT), 0.5, EXTENT);
    expect(Math.sqrt(pixelsOf(between) / Math.PI)).toBeCloseTo(15, 0);
    expect(middle(between)[0]).toBeCloseTo(40, 0);
    expect(middle(between)[1]).toBeCloseTo(40, 0);
  });

  it("follows what does not overlap from slice to slice", () => {
    const between = maskBetween(dab([20, 20], 5, EXTENT), dab([80, 60], 5, EXTENT), 0.25, EXTENT);
    expect(middle(between)[0]).toBeCloseTo(35, 0);
    expect(middle(between)[1]).toBeCloseTo(30, 0);
    expect(Math.sqrt(pixelsOf(between) / Math.PI)).toBeCloseTo(5, 0);
  });

  it("of the same twice is the same", () => {
    const one = dab([30, 40], 12, EXTENT);
    expect(maskBetween(one, one, 0.5, EXTENT)).toEqual(one);
  });

  it("keeps a hole that both have", () => {
    const ring = { "10": [10, 30], "11": [10, 18, 22, 30], "12": [10, 18, 22, 30], "13": [10, 18, 22, 30], "14": [10, 30] };
    expect(maskBetween(ring, ring, 0.5, EXTENT)).toEqual(ring);
  });

  it("never leaves the image, and of nothing is nothing", () => {
    const between = maskBetween(dab([0, 40], 10, EXTENT), dab([4, 40], 6, EXTENT), 0.5, EXTENT);
    for (const [, from, to] of stretchesOf(between)) {
      expect(from).toBeGreaterThanOrEqual(0);
      expect(to).toBeGreaterThan(from);
    }
    expect(maskBetween({}, dab([4, 40], 6, EXTENT), 0.5, EXTENT)).toEqual({});
  });
});

describe("a contour between two slices", () => {
  const square = (x: number, y: number, half: number): Point[] => [[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]];

  it("of two squares is the square between, whichever way and wherever they were begun", () => {
    const turned = [...square(50, 40, 20)].reverse();
    const points = contourBetween(square(30, 40, 10), [...turned.slice(2), ...turned.slice(0, 2)], 0.5);
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    for (const [found, wanted] of [[Math.min(...xs), 25], [Math.max(...xs), 55], [Math.min(...ys), 25], [Math.max(...ys), 55]] as const) {
      expect(Math.abs(found - wanted)).toBeLessThan(1);
    }
  });
});
