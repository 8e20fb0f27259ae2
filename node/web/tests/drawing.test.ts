import { describe, expect, it } from "vitest";

import type { Shape, ShapeKind } from "../src/model/types";
import type { Act, Sketch } from "../src/tools/drawing";
import { begun, drawn, preview } from "../src/tools/drawing";
import { measured, rulerFor } from "../src/tools/measure";
import { box, crossesItself, distanceTo, ellipse, handlesOf, isEmpty, moved, outlineOf, reshaped } from "../src/tools/shapes";
import type { Point } from "../src/viewer/transform";

const EXTENT = { columns: 100, rows: 50 };
const NEAR = 4;

function go(kind: ShapeKind, ...acts: readonly Act[]): { readonly shape: Shape | null; readonly sketch: Sketch; readonly crossing: boolean } {
  let state: { shape: Shape | null; sketch: Sketch; crossing: boolean } = { shape: null, sketch: begun(kind), crossing: false };
  for (const one of acts) {
    state = drawn(state.sketch, one, EXTENT, NEAR);
  }
  return state;
}

const press = (x: number, y: number): Act => ({ act: "press", at: [x, y] });
const move = (x: number, y: number): Act => ({ act: "move", at: [x, y] });
const release = (x: number, y: number): Act => ({ act: "release", at: [x, y] });

describe("drawing", () => {
  it("a box by dragging, in any direction, never beyond the image", () => {
    expect(go("box", press(60, 40), move(20, 20), release(-5, 10)).shape).toEqual({
      shape: "box",
      upper_left: [0, 10],
      lower_right: [60, 40],
    });
    expect(go("box", press(60, 40), release(60, 40)).shape).toBeNull();
  });

  it("an ellipse, a length, a point and an angle", () => {
    expect(go("ellipse", press(10, 10), release(30, 20)).shape).toEqual({
      shape: "ellipse",
      centre: [20, 15],
      half_axes: [10, 5],
      turned_degrees: 0,
    });
    expect(go("length", press(1, 2), release(4, 6)).shape).toEqual({ shape: "length", ends: [[1, 2], [4, 6]] });
    expect(go("keypoint", press(1, 2)).shape).toEqual({ shape: "keypoint", point: [1, 2] });
    expect(go("angle", press(0, 10), release(0, 10), press(10, 10), press(10, 0)).shape).toEqual({
      shape: "angle",
      apex: [10, 10],
      arms: [[0, 10], [10, 0]],
    });
  });

  it("a polygon corner by corner, closed by its first corner or by a key", () => {
    const corners = [press(10, 10), press(40, 10), press(40, 40)];
    const shape = { shape: "polygon", corners: [[10, 10], [40, 10], [40, 40]] };
    expect(go("polygon", ...corners, press(11, 11)).shape).toEqual(shape);
    expect(go("polygon", ...corners, { act: "close" }).shape).toEqual(shape);
    expect(go("polygon", press(10, 10), press(40, 10), { act: "close" }).shape).toBeNull();
    expect(go("polygon", ...corners, { act: "back" }).sketch.points).toHaveLength(2);
  });

  it("loses to a pinch what the first finger began, and not the corners before it", () => {
    const pinched = go("polygon", press(10, 10), press(40, 10), press(40, 40), { act: "giveUp", keeping: 2 }).sketch;
    expect([pinched.points, pinched.pointer]).toEqual([[[10, 10], [40, 10]], null]);
    expect(go("contour", press(10, 10), move(20, 20), { act: "giveUp", keeping: 0 }).sketch.points).toEqual([]);
  });

  it("no polygon that crosses itself; what was drawn stays", () => {
    const crossing = go("polygon", press(10, 10), press(40, 40), press(40, 10), press(10, 40), { act: "close" });
    expect([crossing.shape, crossing.crossing, crossing.sketch.points.length]).toEqual([null, true, 4]);
  });

  it("a contour by hand, its points not nearer than can be seen", () => {
    const contour = go("contour", press(10, 10), move(10.2, 10), move(30, 10), move(30, 30), release(10, 30));
    expect(contour.shape).toEqual({ shape: "contour", points: [[10, 10], [30, 10], [30, 30]] });
    expect(go("contour", press(10, 10), move(30, 10), release(30, 10)).shape).toBeNull();
  });

  it("shows what would be drawn", () => {
    expect(preview(go("box", press(10, 10), move(20, 30)).sketch)).toEqual(box([10, 10], [20, 30]));
    expect(preview(go("polygon", press(10, 10), move(20, 30)).sketch)).toEqual([[10, 10], [20, 30]]);
  });
});

describe("a shape", () => {
  const shapes: readonly Shape[] = [
    box([10, 10], [30, 20]),
    ellipse([10, 10], [30, 20]),
    { shape: "polygon", corners: [[10, 10], [30, 10], [30, 30]] },
    { shape: "contour", points: [[10, 10], [30, 10], [30, 30]] },
    { shape: "length", ends: [[10, 10], [30, 20]] },
    { shape: "angle", apex: [10, 10], arms: [[30, 10], [10, 20]] },
    { shape: "keypoint", point: [10, 10] },
  ];

  it("moves as a whole and stops at the edge", () => {
    for (const shape of shapes) {
      const outline = (of: Shape) => outlineOf(of).points.flat();
      expect(outline(moved(shape, 5, -3, EXTENT)), shape.shape).toEqual(
        outlineOf(shape).points.flatMap(([x, y]): Point => [x + 5, y - 3]).map((value) => expect.closeTo(value, 6) as number),
      );
      const corner = moved(shape, 1000, 1000, EXTENT);
      const centre = corner.shape === "ellipse" ? [corner.centre] : outlineOf(corner).points;
      expect(Math.max(...centre.map(([x]) => x)), shape.shape).toBe(100);
      expect(Math.max(...centre.map(([, y]) => y)), shape.shape).toBe(50);
    }
  });

  it("follows its handles, and stays what it is where it would be none", () => {
    expect(reshaped(box([10, 10], [30, 20]), 0, [5, 40], EXTENT)).toEqual(box([5, 20], [30, 40]));
    const flat = box([10, 10], [30, 20]);
    expect(reshaped(flat, 0, [30, 20], EXTENT)).toBe(flat);
    const square: Shape = { shape: "polygon", corners: [[10, 10], [30, 10], [30, 30], [10, 30]] };
    expect(reshaped(square, 0, [40, 20], EXTENT)).toBe(square);
    expect(reshaped(ellipse([10, 10], [30, 20]), 1, [20, 35], EXTENT)).toMatchObject({ half_axes: [10, 20] });
    expect(shapes.map((shape) => handlesOf(shape).length)).toEqual([4, 4, 3, 0, 2, 3, 1]);
  });

  it("is met on its line, not inside", () => {
    expect(distanceTo(box([10, 10], [30, 20]), [30, 15])).toBe(0);
    expect(distanceTo(box([10, 10], [30, 20]), [20, 15])).toBe(5);
    expect(distanceTo({ shape: "keypoint", point: [3, 4] }, [0, 0])).toBe(5);
  });

  it("without extent is none, as the node says too", () => {
    expect(isEmpty({ shape: "length", ends: [[1, 1], [1, 1]] })).toBe(true);
    expect(isEmpty({ shape: "angle", apex: [1, 1], arms: [[1, 1], [2, 2]] })).toBe(true);
    expect(shapes.some(isEmpty)).toBe(false);
    expect(crossesItself({ shape: "polygon", corners: [[0, 0], [2, 2], [2, 0], [0, 2]] })).toBe(true);
  });
});

describe("a measure", () => {
  it("is in millimetres where the spacing of rows and columns is known", () => {
    const length: Shape = { shape: "length", ends: [[0, 0], [3, 4]] };
    expect(measured(length, null)).toEqual({ value: 5, unit: "px" });
    expect(measured(length, [0.5, 2])).toEqual({ value: Math.hypot(6, 2), unit: "mm" });
    expect(measured(box([0, 0], [4, 2]), [0.5, 0.25])).toEqual({ value: 1, unit: "mm²" });
    expect(measured(ellipse([0, 0], [4, 2]), null)).toEqual({ value: Math.PI * 2, unit: "px²" });
  });

  it("of an angle counts pixels that are not square", () => {
    const angle: Shape = { shape: "angle", apex: [0, 0], arms: [[1, 0], [1, 1]] };
    expect(measured(angle, null)?.value).toBeCloseTo(45);
    expect(measured(angle, [1, 2])?.value).toBeCloseTo((Math.atan2(1, 2) * 180) / Math.PI);
    expect(measured({ shape: "angle", apex: [0, 0], arms: [[-1, 0.1], [-1, -0.1]] }, null)?.value).toBeCloseTo(11.42, 2);
  });

  it("on the ruler is a round number", () => {
    expect(rulerFor([0.5, 0.5], 1, 100)).toEqual({ mm: 50, pixels: 100 });
    expect(rulerFor([0.2, 0.2], 1, 100)).toEqual({ mm: 20, pixels: 100 });
    expect(rulerFor(null, 1, 100)).toBeNull();
  });
});
