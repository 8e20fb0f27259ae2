import { describe, expect, it } from "vitest";

import type { Point, Sight } from "../src/viewer/transform";
import { cssMatrix, fitted, panned, sideLetters, toImage, toRoom, zoomed } from "../src/viewer/transform";

const ROOM = { width: 800, height: 400 };
const IMAGE = { width: 100, height: 200 };

function near(one: Point, other: Point): void {
  expect(one[0]).toBeCloseTo(other[0], 6);
  expect(one[1]).toBeCloseTo(other[1], 6);
}

describe("a sight", () => {
  const sights: readonly Sight[] = [0, 1, 2, 3].map((turns) => ({ scale: 1.7, centre: [31, 77], turns }));

  it("turns points there and back", () => {
    for (const sight of sights) {
      near(toImage(toRoom([12.5, 180], sight, ROOM), sight, ROOM), [12.5, 180]);
    }
  });

  it("lays the picture where it lays the points", () => {
    for (const sight of sights) {
      const [a, b, c, d, e, f] = cssMatrix(sight, ROOM).slice(7, -1).split(",").map(Number) as [number, number, number, number, number, number];
      near([a * 40 + c * 9 + e, b * 40 + d * 9 + f], toRoom([40, 9], sight, ROOM));
    }
  });

  it("fits the whole image, turned too", () => {
    expect(fitted(IMAGE, ROOM).scale).toBe(2);
    expect(fitted(IMAGE, ROOM, 1).scale).toBe(4);
    near(toRoom([0, 0], fitted(IMAGE, ROOM), ROOM), [300, 0]);
  });

  it("turns clockwise: what was on top is on the right", () => {
    near(toRoom([50, 0], fitted(IMAGE, ROOM, 1), ROOM), [800, 200]);
  });

  it("zooms around the pointer and moves with it", () => {
    for (const sight of sights) {
      const fixed = toImage([200, 150], sight, ROOM);
      near(toImage([200, 150], zoomed(sight, 1.3, [200, 150], ROOM), ROOM), fixed);
      near(toImage([210, 130], panned(sight, 10, -20), ROOM), fixed);
    }
    expect(zoomed(fitted(IMAGE, ROOM), 1e9, [0, 0], ROOM).scale).toBe(64);
  });

  it("names the sides of the room", () => {
    expect(sideLetters("L", "F", 0)).toEqual(["R", "H", "L", "F"]);
    expect(sideLetters("L", "F", 1)).toEqual(["F", "R", "H", "L"]);
    expect(sideLetters("LP", "", 0)).toEqual(["RA", "", "LP", ""]);
  });
});
