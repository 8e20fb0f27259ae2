/**
 * What lies between two slices that were drawn: shapes in between, for the eye to check. Pure geometry.
 *
 * Masks: signed distances to the edge of both are blended and the result is where they are not negative, after both were
 * moved to the place in between, so that what wanders from slice to slice is followed. Source: Raya and Udupa,
 * Shape-based interpolation of multidimensional objects, IEEE TMI 9(1), 1990; distances: Felzenszwalb and Huttenlocher,
 * Distance transforms of sampled functions, Theory of Computing 8, 2012. Contours: points at even steps along both,
 * the same way round and begun where they lie closest, are blended.
 */
import type { Lines, Stretches } from "../model/painted";
import { stretchesOf } from "../model/painted";
import type { Point } from "../viewer/transform";
import type { Extent } from "./shapes";

const CONTOUR_POINTS = 96;
const FAR = 1e15;

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The mask at `part` of the way from one to the other, 0 to 1; nothing where either is empty. */
export function maskBetween(one: Lines, other: Lines, part: number, { columns, rows }: Extent): Lines {
  const [from, to] = [middleOf(one), middleOf(other)];
  if (from === null || to === null) {
    return {};
  }
  const middle: Point = [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])];
  const [first, second] = [shifted(one, from, middle), shifted(other, to, middle)];
  const box = boxOf([...first, ...second]);
  const [inFirst, inSecond] = [signedDistances(first, box), signedDistances(second, box)];
  const lines: Record<string, Stretches> = {};
  for (let y = 0; y < box.height; y += 1) {
    const stretches: number[] = [];
    for (let x = 0; x <= box.width; x += 1) {
      const at = y * box.width + x;
      const value = (1 - part) * (inFirst[at] ?? -FAR) + part * (inSecond[at] ?? -FAR);
      if ((x < box.width && value >= 0) !== (stretches.length % 2 === 1)) {
        stretches.push(Math.min(columns, Math.max(0, x + box.left)));
      }
    }
    const [row, kept] = [y + box.top, someOf(stretches)];
    if (kept.length > 0 && row >= 0 && row < rows) {
      lines[row] = kept;
    }
  }
  return lines;
}

/** The stretches that are any. */
function someOf(stretches: Stretches): Stretches {
  return stretches.filter((edge, at) => edge !== stretches[at % 2 === 0 ? at + 1 : at - 1]);
}

type Stretch = readonly [number, number, number];

function middleOf(lines: Lines): Point | null {
  let [count, x, y] = [0, 0, 0];
  for (const [row, from, to] of stretchesOf(lines)) {
    count += to - from;
    x += ((to - from) * (from + to)) / 2;
    y += (to - from) * (row + 0.5);
  }
  return count === 0 ? null : [x / count, y / count];
}

function shifted(lines: Lines, from: Point, to: Point): readonly Stretch[] {
  const [dx, dy] = [Math.round(to[0] - from[0]), Math.round(to[1] - from[1])];
  return stretchesOf(lines).map(([row, start, end]) => [row + dy, start + dx, end + dx]);
}

/** Around all of them, with a pixel to spare. */
function boxOf(stretches: readonly Stretch[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [row, from, to] of stretches) {
    [left, right] = [Math.min(left, from), Math.max(right, to)];
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row + 1)];
  }
  return { left: left - 1, top: top - 1, width: right - left + 2, height: bottom - top + 2 };
}

/** How far each pixel of the box is inside, or with a minus outside. */
function signedDistances(stretches: readonly Stretch[], box: Box): Float64Array {
  const inside = new Float64Array(box.width * box.height);
  const outside = new Float64Array(box.width * box.height).fill(FAR);
  inside.fill(0);
  for (const [row, from, to] of stretches) {
    const start = (row - box.top) * box.width - box.left;
    inside.fill(FAR, start + from, start + to);
    outside.fill(0, start + from, start + to);
  }
  squaredDistances(inside, box);
  squaredDistances(outside, box);
  return inside.map((squared, at) => (squared > 0 ? Math.sqrt(squared) - 0.5 : 0.5 - Math.sqrt(outside[at] ?? 0)));
}

/** Each value becomes the squared distance to the nearest pixel that was 0. */
function squaredDistances(field: Float64Array, { width, height }: Box): void {
  for (let y = 0; y < height; y += 1) {
    field.set(alongLine(field.slice(y * width, (y + 1) * width)), y * width);
  }
  for (let x = 0; x < width; x += 1) {
    const column = alongLine(Float64Array.from({ length: height }, (_, y) => field[y * width + x] ?? 0));
    for (let y = 0; y < height; y += 1) {
      field[y * width + x] = column[y] ?? 0;
    }
  }
}

/** The lower envelope of parabolas over one line. */
function alongLine(values: Float64Array): Float64Array {
  const places: number[] = [];
  const starts: number[] = [];
  const meeting = (one: number, other: number): number =>
    ((values[other] ?? 0) + other * other - (values[one] ?? 0) - one * one) / (2 * (other - one));
  for (let at = 0; at < values.length; at += 1) {
    let start = -Infinity;
    while (places.length > 0) {
      start = meeting(places.at(-1) ?? 0, at);
      if (start > (starts.at(-1) ?? -Infinity)) {
        break;
      }
      places.pop();
      starts.pop();
      start = -Infinity;
    }
    places.push(at);
    starts.push(start);
  }
  let lowest = 0;
  return values.map((_, at) => {
    while ((starts[lowest + 1] ?? Infinity) < at) {
      lowest += 1;
    }
    const place = places[lowest] ?? 0;
    return (at - place) ** 2 + (values[place] ?? 0);
  });
}

/** The contour at `part` of the way from one to the other, 0 to 1. */
export function contourBetween(one: readonly Point[], other: readonly Point[], part: number): readonly [number, number][] {
  const first = evenly(one);
  const second = aligned(sameWay(evenly(other), first), first);
  return first.map(([x, y], at): [number, number] => {
    const [toX, toY] = second[at] ?? [x, y];
    return [x + part * (toX - x), y + part * (toY - y)];
  });
}

/** Points at even steps along a closed line. */
function evenly(points: readonly Point[]): readonly Point[] {
  const closed = [...points, points[0] ?? [0, 0]];
  const lengths = closed.slice(1).map(([x, y], at) => Math.hypot(x - (closed[at]?.[0] ?? x), y - (closed[at]?.[1] ?? y)));
  const step = lengths.reduce((sum, length) => sum + length, 0) / CONTOUR_POINTS;
  const found: Point[] = [];
  let [edge, passed] = [0, 0];
  for (let at = 0; at < CONTOUR_POINTS; at += 1) {
    while (edge < lengths.length - 1 && passed + (lengths[edge] ?? 0) < at * step) {
      passed += lengths[edge] ?? 0;
      edge += 1;
    }
    const [from, to, length] = [closed[edge] ?? [0, 0], closed[edge + 1] ?? [0, 0], lengths[edge] ?? 0];
    const part = length === 0 ? 0 : (at * step - passed) / length;
    found.push([from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])]);
  }
  return found;
}

function sameWay(points: readonly Point[], as: readonly Point[]): readonly Point[] {
  return signedArea(points) * signedArea(as) < 0 ? [...points].reverse() : points;
}

function signedArea(points: readonly Point[]): number {
  return points.reduce((sum, [x, y], at) => {
    const [nextX, nextY] = points[(at + 1) % points.length] ?? [x, y];
    return sum + x * nextY - nextX * y;
  }, 0);
}

/** Begun where the sum of squared distances, once both lie on each other, is least. */
function aligned(points: readonly Point[], to: readonly Point[]): readonly Point[] {
  const mean = (all: readonly Point[], axis: 0 | 1) => all.reduce((sum, point) => sum + point[axis], 0) / all.length;
  const [dx, dy] = [mean(points, 0) - mean(to, 0), mean(points, 1) - mean(to, 1)];
  const begun = (start: number): readonly Point[] => [...points.slice(start), ...points.slice(0, start)];
  const apart = (start: number) =>
    begun(start).reduce((sum, [x, y], at) => sum + (x - dx - (to[at]?.[0] ?? 0)) ** 2 + (y - dy - (to[at]?.[1] ?? 0)) ** 2, 0);
  const costs = points.map((_, start) => apart(start));
  return begun(costs.indexOf(Math.min(...costs)));
}
