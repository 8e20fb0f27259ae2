/** What a round brush goes over, in image pixels: a pixel is met where its centre is under the brush. Pure geometry. */
import type { Lines, Stretches } from "../model/painted";
import { NOTHING, withStroke } from "../model/painted";
import type { Point } from "../viewer/transform";
import type { Frame } from "../viewer/window";
import type { Extent } from "./shapes";

export const LEAST_RADIUS = 0.5;
export const MOST_RADIUS = 256;
const SIZE_STEP = 1.25;

/** Stored values between which a threshold brush paints, both included. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** A brush one size larger or smaller. */
export function resized(radius: number, larger: boolean): number {
  const next = larger ? Math.max(radius * SIZE_STEP, radius + LEAST_RADIUS) : Math.min(radius / SIZE_STEP, radius - LEAST_RADIUS);
  return Math.min(MOST_RADIUS, Math.max(LEAST_RADIUS, Math.round(next * 2) / 2));
}

/** The pixels under the brush held still; of a brush smaller than a pixel the one it is on. */
export function dab([x, y]: Point, radius: number, { columns, rows }: Extent): Lines {
  const lines: Record<string, Stretches> = {};
  const [top, bottom] = [Math.max(0, Math.floor(y - radius)), Math.min(rows - 1, Math.floor(y + radius))];
  for (let row = top; row <= bottom; row += 1) {
    const reach = radius * radius - (row + 0.5 - y) ** 2;
    const half = reach < 0 ? -1 : Math.sqrt(reach);
    const [from, to] = [Math.max(0, Math.ceil(x - half - 0.5)), Math.min(columns, Math.floor(x + half - 0.5) + 1)];
    if (half >= 0 && from < to) {
      lines[row] = [from, to];
    }
  }
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const onImage = column >= 0 && row >= 0 && column < columns && row < rows;
  return onImage && radius < 1 ? withStroke(lines, { [row]: [column, column + 1] }) : lines;
}

/** The pixels under the brush on its way from one point to another. */
export function swept(from: Point, to: Point, radius: number, extent: Extent): Lines {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const steps = Math.ceil(length / Math.max(0.5, radius / 4));
  let lines = dab(from, radius, extent);
  for (let step = 1; step <= steps; step += 1) {
    const part = step / steps;
    lines = withStroke(lines, dab([from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])], radius, extent));
  }
  return lines;
}

/** Of the lines only the pixels whose stored value is in the range; of a colour frame none. */
export function within(lines: Lines, frame: Frame, { low, high }: Range): Lines {
  if (frame.samples !== 1) {
    return NOTHING;
  }
  const result: Record<string, Stretches> = {};
  for (const [row, stretches] of Object.entries(lines)) {
    const kept = keptOf(stretches, (column) => {
      const value = frame.values[Number(row) * frame.columns + column] ?? NaN;
      return low <= value && value <= high;
    });
    if (kept.length > 0) {
      result[row] = kept;
    }
  }
  return result;
}

function keptOf(stretches: Stretches, keep: (column: number) => boolean): Stretches {
  const kept: number[] = [];
  for (let at = 0; at < stretches.length; at += 2) {
    const [from, to] = [stretches[at] ?? 0, stretches[at + 1] ?? 0];
    for (let column = from; column <= to; column += 1) {
      if ((column < to && keep(column)) !== (kept.length % 2 === 1)) {
        kept.push(column);
      }
    }
  }
  return kept;
}
