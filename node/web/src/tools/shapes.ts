/** Shapes in image pixels (x right, y down): their handles, moving, hitting and whether they are any. Pure geometry. */
import type { Painted } from "../model/painted";
import { isPainted, stretchesOf } from "../model/painted";
import type { Shape } from "../model/types";
import type { Point } from "../viewer/transform";

/** The size of an image, columns and rows. */
export interface Extent {
  readonly columns: number;
  readonly rows: number;
}

const RING_POINTS = 64;

/** The points a person can take hold of. */
export function handlesOf(shape: Shape): readonly Point[] {
  switch (shape.shape) {
    case "box":
      return cornersOf(shape.upper_left, shape.lower_right);
    case "polygon":
      return shape.corners;
    case "keypoint":
      return [shape.point];
    case "length":
      return shape.ends;
    case "angle":
      return [shape.arms[0], shape.apex, shape.arms[1]];
    case "ellipse":
      return axisEnds(shape);
    case "contour":
    case "mask":
      return [];
  }
}

/** The lines to draw: a list of points, and whether the last is joined to the first. */
export function outlineOf(shape: Shape): { readonly points: readonly Point[]; readonly closed: boolean } {
  switch (shape.shape) {
    case "box":
    case "polygon":
      return { points: handlesOf(shape), closed: true };
    case "contour":
      return { points: shape.points, closed: true };
    case "ellipse":
      return { points: ring(shape), closed: true };
    case "mask":
      return { points: anchorOf(shape), closed: false };
    default:
      return { points: handlesOf(shape), closed: false };
  }
}

/** The shape moved, as far as the image goes. */
export function moved(shape: Shape, across: number, down: number, extent: Extent): Shape {
  const points = shape.shape === "ellipse" ? [shape.centre] : outlineOf(shape).points;
  const dx = room(points.map(([x]) => x), across, extent.columns);
  const dy = room(points.map(([, y]) => y), down, extent.rows);
  return mapped(shape, ([x, y]) => [x + dx, y + dy]);
}

/** The shape with one handle somewhere else; a shape that would be none stays as it was. */
export function reshaped(shape: Shape, handle: number, to: Point, extent: Extent): Shape {
  const point = inside(to, extent);
  const changed = withHandle(shape, handle, point);
  return isEmpty(changed) || crossesItself(changed) ? shape : changed;
}

function withHandle(shape: Shape, handle: number, point: Point): Shape {
  const pair: [number, number] = [point[0], point[1]];
  switch (shape.shape) {
    case "box":
      return box(handlesOf(shape)[(handle + 2) % 4] ?? shape.upper_left, point);
    case "polygon":
      return { ...shape, corners: shape.corners.map((corner, index) => (index === handle ? pair : corner)) };
    case "keypoint":
      return { ...shape, point: pair };
    case "length":
      return { ...shape, ends: handle === 0 ? [pair, shape.ends[1]] : [shape.ends[0], pair] };
    case "angle":
      if (handle === 1) {
        return { ...shape, apex: pair };
      }
      return { ...shape, arms: handle === 0 ? [pair, shape.arms[1]] : [shape.arms[0], pair] };
    case "ellipse": {
      const reach = Math.max(0.5, distance(shape.centre, point));
      const [first, second] = shape.half_axes;
      return { ...shape, half_axes: handle % 2 === 0 ? [reach, second] : [first, reach] };
    }
    default:
      return shape;
  }
}

/** Where the first painted row begins: a mask is named there. */
function anchorOf({ lines }: Painted): readonly Point[] {
  const [first] = stretchesOf(lines);
  return first === undefined ? [] : [[first[1], first[0]]];
}

export function box(one: Point, other: Point): Shape {
  return {
    shape: "box",
    upper_left: [Math.min(one[0], other[0]), Math.min(one[1], other[1])],
    lower_right: [Math.max(one[0], other[0]), Math.max(one[1], other[1])],
  };
}

/** The ellipse that fills the box between two corners. */
export function ellipse(one: Point, other: Point): Shape {
  return {
    shape: "ellipse",
    centre: [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2],
    half_axes: [Math.abs(one[0] - other[0]) / 2, Math.abs(one[1] - other[1]) / 2],
    turned_degrees: 0,
  };
}

/** The point, or the nearest one in the image. */
export function inside([x, y]: Point, { columns, rows }: Extent): Point {
  return [Math.min(columns, Math.max(0, x)), Math.min(rows, Math.max(0, y))];
}

export function distance(one: Point, other: Point): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1]);
}

/** How far a point is from the lines of a shape; inside a closed one it may be far and still mean it. */
export function distanceTo(shape: Shape, point: Point): number {
  if (shape.shape === "mask") {
    return isPainted(shape.lines, point[0], point[1]) ? 0 : Infinity;
  }
  const { points, closed } = outlineOf(shape);
  const [first, ...rest] = points;
  if (first === undefined) {
    return Infinity;
  }
  if (rest.length === 0) {
    return distance(first, point);
  }
  const ends = closed ? [...rest, first] : rest;
  return Math.min(...ends.map((end, index) => toStretch(point, points[index] ?? first, end)));
}

/** A shape without extent; the node refuses it too. */
export function isEmpty(shape: Shape): boolean {
  switch (shape.shape) {
    case "box":
      return shape.upper_left[0] >= shape.lower_right[0] || shape.upper_left[1] >= shape.lower_right[1];
    case "ellipse":
      return Math.min(...shape.half_axes) <= 0;
    case "length":
      return distance(...shape.ends) === 0;
    case "angle":
      return shape.arms.some((arm) => distance(arm, shape.apex) === 0) || distance(...shape.arms) === 0;
    case "polygon":
    case "contour":
      return new Set(outlineOf(shape).points.map(String)).size < 3;
    case "mask":
      return Object.keys(shape.lines).length === 0;
    default:
      return false;
  }
}

/** A polygon whose edges meet where they are no neighbours; a contour may. */
export function crossesItself(shape: Shape): boolean {
  if (shape.shape !== "polygon") {
    return false;
  }
  const corners = shape.corners;
  const edges = corners.map((corner, index) => [corner, corners[(index + 1) % corners.length] ?? corner] as const);
  return edges.some((one, at) =>
    edges.some((other, index) => index > at + 1 && !(at === 0 && index === edges.length - 1) && meet(...one, ...other)),
  );
}

function meet(a: Point, b: Point, c: Point, d: Point): boolean {
  const sides = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)] as const;
  if (sides[0] * sides[1] < 0 && sides[2] * sides[3] < 0) {
    return true;
  }
  const ends = [[a, b, c], [a, b, d], [c, d, a], [c, d, b]] as const;
  return ends.some(([from, to, point], index) => sides[index] === 0 && between(from, to, point));
}

function side(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

function between(a: Point, b: Point, c: Point): boolean {
  const within = (one: number, other: number, value: number) => Math.min(one, other) <= value && value <= Math.max(one, other);
  return within(a[0], b[0], c[0]) && within(a[1], b[1], c[1]);
}

function toStretch(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / length;
  const part = Math.min(1, Math.max(0, along));
  return distance(point, [from[0] + part * dx, from[1] + part * dy]);
}

function cornersOf([left, top]: Point, [right, bottom]: Point): readonly Point[] {
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}

type Oval = Extract<Shape, { shape: "ellipse" }>;

function onEllipse({ centre, half_axes: [first, second], turned_degrees: turn }: Oval, angle: number): Point {
  const [along, across] = [first * Math.cos(angle), second * Math.sin(angle)];
  const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
  return [centre[0] + along * cos - across * sin, centre[1] + along * sin + across * cos];
}

function axisEnds(shape: Oval): readonly Point[] {
  return [0, 1, 2, 3].map((quarter) => onEllipse(shape, (quarter * Math.PI) / 2));
}

function ring(shape: Oval): readonly Point[] {
  return Array.from({ length: RING_POINTS }, (_, index) => onEllipse(shape, (2 * Math.PI * index) / RING_POINTS));
}

/** Of a wanted step along one axis, as much as keeps all values between 0 and the most. */
function room(values: readonly number[], step: number, most: number): number {
  const [low, high] = values.reduce(([least, largest], value) => [Math.min(least, value), Math.max(largest, value)], [most, 0]);
  return Math.max(-low, Math.min(most - high, step));
}

function mapped(shape: Shape, move: (point: Point) => [number, number]): Shape {
  switch (shape.shape) {
    case "box":
      return { ...shape, upper_left: move(shape.upper_left), lower_right: move(shape.lower_right) };
    case "polygon":
      return { ...shape, corners: shape.corners.map(move) };
    case "contour":
      return { ...shape, points: shape.points.map(move) };
    case "keypoint":
      return { ...shape, point: move(shape.point) };
    case "length":
      return { ...shape, ends: [move(shape.ends[0]), move(shape.ends[1])] };
    case "angle":
      return { ...shape, apex: move(shape.apex), arms: [move(shape.arms[0]), move(shape.arms[1])] };
    case "ellipse":
      return { ...shape, centre: move(shape.centre) };
    case "mask":
      return shape;
  }
}
