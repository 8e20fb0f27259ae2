/** Drawing one shape: what was pressed so far, and the shape once it is whole. A plain reducer in image pixels. */
import type { Shape, ShapeKind } from "../model/types";
import type { Point } from "../viewer/transform";
import type { Extent } from "./shapes";
import { box, crossesItself, distance, ellipse, inside, isEmpty } from "./shapes";

export interface Sketch {
  readonly kind: ShapeKind;
  readonly points: readonly Point[];
  /** Where the pointer is, while something is begun. */
  readonly pointer: Point | null;
}

export type Act =
  | { readonly act: "press" | "move" | "release"; readonly at: Point }
  | { readonly act: "close" | "back" }
  | { readonly act: "giveUp"; readonly keeping: number };

export interface Drawn {
  readonly sketch: Sketch;
  readonly shape: Shape | null;
  /** A polygon that would cross itself is not taken; what was drawn so far stays. */
  readonly crossing: boolean;
}

const MOST_CONTOUR_POINTS = 10_000;
const MOST_CORNERS = 256;
const DRAGGED: ReadonlySet<ShapeKind> = new Set(["box", "ellipse", "length", "contour"]);

export function begun(kind: ShapeKind): Sketch {
  return { kind, points: [], pointer: null };
}

/** One act further. `near` is how many image pixels count as the same place, `apart` how far contour points lie apart. */
export function drawn(sketch: Sketch, act: Act, extent: Extent, near: number): Drawn {
  const going = (next: Sketch): Drawn => ({ sketch: next, shape: null, crossing: false });
  switch (act.act) {
    case "press":
      return pressed(sketch, inside(act.at, extent), near);
    case "move":
      return going(movedTo(sketch, inside(act.at, extent), near));
    case "release":
      return DRAGGED.has(sketch.kind) && sketch.points.length > 0 ? released(sketch, inside(act.at, extent)) : going(sketch);
    case "close":
      return sketch.kind === "polygon" ? whole(sketch, sketch.points) : going(sketch);
    case "giveUp":
      return going({ ...begun(sketch.kind), points: sketch.points.slice(0, act.keeping) });
    case "back":
      return going({ ...sketch, points: sketch.points.slice(0, -1) });
  }
}

function pressed(sketch: Sketch, at: Point, near: number): Drawn {
  const points = [...sketch.points, at];
  const going = { sketch: { ...sketch, points, pointer: at }, shape: null, crossing: false };
  if (DRAGGED.has(sketch.kind)) {
    return { ...going, sketch: { ...sketch, points: [at], pointer: at } };
  }
  if (sketch.kind === "polygon") {
    const first = sketch.points[0];
    const closes = first !== undefined && sketch.points.length >= 3 && distance(first, at) <= near;
    const twice = sketch.points.at(-1);
    if (twice !== undefined && !closes && distance(twice, at) <= near / 4) {
      return { ...going, sketch };
    }
    return closes || sketch.points.length >= MOST_CORNERS ? whole(sketch, sketch.points) : going;
  }
  const needed = sketch.kind === "angle" ? 3 : 1;
  return points.length < needed ? going : whole(sketch, points);
}

function movedTo(sketch: Sketch, at: Point, near: number): Sketch {
  const last = sketch.points.at(-1);
  const freehand = sketch.kind === "contour" && last !== undefined && sketch.points.length < MOST_CONTOUR_POINTS;
  const points = freehand && distance(last, at) >= near / 4 ? [...sketch.points, at] : sketch.points;
  return { ...sketch, points, pointer: at };
}

function released(sketch: Sketch, at: Point): Drawn {
  const points = sketch.kind === "contour" ? sketch.points : [...sketch.points.slice(0, 1), at];
  return whole(sketch, points);
}

/** The shape of these points, or the sketch begun anew where they make none. */
function whole(sketch: Sketch, points: readonly Point[]): Drawn {
  const shape = shapeOf(sketch.kind, points);
  if (shape === null || isEmpty(shape)) {
    const kept = sketch.kind === "polygon" ? sketch : begun(sketch.kind);
    return { sketch: kept, shape: null, crossing: false };
  }
  return crossesItself(shape) ? { sketch, shape: null, crossing: true } : { sketch: begun(sketch.kind), shape, crossing: false };
}

function shapeOf(kind: ShapeKind, points: readonly Point[]): Shape | null {
  const pairs = points.map(([x, y]): [number, number] => [x, y]);
  const [one, two, three] = pairs;
  if (one === undefined) {
    return null;
  }
  switch (kind) {
    case "keypoint":
      return { shape: "keypoint", point: one };
    case "box":
      return two === undefined ? null : box(one, two);
    case "ellipse":
      return two === undefined ? null : ellipse(one, two);
    case "length":
      return two === undefined ? null : { shape: "length", ends: [one, two] };
    case "angle":
      return two === undefined || three === undefined ? null : { shape: "angle", apex: two, arms: [one, three] };
    case "polygon":
      return pairs.length < 3 ? null : { shape: "polygon", corners: pairs };
    case "contour":
      return pairs.length < 3 ? null : { shape: "contour", points: pairs };
    case "mask":
      return null;
  }
}

/** What to show of a sketch: the lines as they would be if the pointer's place were pressed. */
export function preview({ kind, points, pointer }: Sketch): Shape | readonly Point[] {
  if (pointer === null || points.length === 0) {
    return points;
  }
  if (kind === "contour") {
    return points;
  }
  return (kind === "box" || kind === "ellipse" ? shapeOf(kind, [...points, pointer]) : null) ?? [...points, pointer];
}
