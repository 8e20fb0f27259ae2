/** What a shape measures, for the eye: the node computes what counts. Millimetres where the header says how large a pixel is. */
import { pixelsOf } from "../model/painted";
import type { Plane, Shape } from "../model/types";
import type { Point } from "../viewer/transform";
import { outlineOf } from "./shapes";

export interface Measure {
  readonly value: number;
  readonly unit: "mm" | "px" | "mm²" | "px²" | "°";
}

type Spacing = Plane["spacing_mm"];

/** Length, angle or area; of a point nothing. */
export function measured(shape: Shape, spacing: Spacing): Measure | null {
  const scaled = (point: Point): Point => (spacing === null ? point : [point[0] * spacing[1], point[1] * spacing[0]]);
  const known = spacing !== null;
  switch (shape.shape) {
    case "keypoint":
      return null;
    case "mask": {
      const pixel = spacing === null ? 1 : spacing[0] * spacing[1];
      return { value: pixelsOf(shape.lines) * pixel, unit: known ? "mm²" : "px²" };
    }
    case "length": {
      const [one, other] = [scaled(shape.ends[0]), scaled(shape.ends[1])];
      return { value: Math.hypot(one[0] - other[0], one[1] - other[1]), unit: known ? "mm" : "px" };
    }
    case "angle":
      return { value: angle(scaled(shape.arms[0]), scaled(shape.apex), scaled(shape.arms[1])), unit: "°" };
    case "ellipse": {
      const [first, second] = shape.half_axes;
      const pixel = spacing === null ? 1 : spacing[0] * spacing[1];
      return { value: Math.PI * first * second * pixel, unit: known ? "mm²" : "px²" };
    }
    default:
      return { value: area(outlineOf(shape).points.map(scaled)), unit: known ? "mm²" : "px²" };
  }
}

/** Degrees between the arms, 0 to 180. */
function angle(one: Point, apex: Point, other: Point): number {
  const turn = Math.atan2(one[1] - apex[1], one[0] - apex[0]) - Math.atan2(other[1] - apex[1], other[0] - apex[0]);
  const degrees = Math.abs((turn * 180) / Math.PI);
  return degrees > 180 ? 360 - degrees : degrees;
}

function area(points: readonly Point[]): number {
  const twice = points.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = points[(index + 1) % points.length] ?? [x, y];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}

/** A ruler about this many room pixels long: a round number of millimetres, and how long it is on the screen. */
export function rulerFor(spacing: Spacing, scale: number, wanted: number): { readonly mm: number; readonly pixels: number } | null {
  if (spacing === null || scale <= 0) {
    return null;
  }
  const perMm = scale / spacing[1];
  const raw = wanted / perMm;
  const power = 10 ** Math.floor(Math.log10(raw));
  const mm = [5, 2, 1].map((step) => step * power).find((step) => step <= raw) ?? power;
  return { mm, pixels: mm * perMm };
}
