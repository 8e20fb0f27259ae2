/** Two fingers on the image: what they hold stays under them. Pure geometry in room pixels. */
import type { Point } from "./transform";

export type Fingers = readonly [Point, Point];

export interface Pinched {
  /** How much larger. */
  readonly factor: number;
  /** Where it grows from: between the fingers. */
  readonly at: Point;
  readonly across: number;
  readonly down: number;
}

const LEAST_APART = 1;

export function pinched(before: Fingers, after: Fingers): Pinched {
  const [was, is] = [between(before), between(after)];
  return { factor: apart(after) / apart(before), at: is, across: is[0] - was[0], down: is[1] - was[1] };
}

function apart([one, other]: Fingers): number {
  return Math.max(LEAST_APART, Math.hypot(one[0] - other[0], one[1] - other[1]));
}

function between([one, other]: Fingers): Point {
  return [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
}
