/**
 * A brush mask as it is worked on: the painted stretches of each row, so that a stroke changes the rows it touched and a
 * change set carries those alone. It is submitted as the schema wants it: runs outside and inside in turn.
 */
import type { components } from "../api/schema";

/** First painted column and the one after the last, again and again, in order and without touching. */
export type Stretches = readonly number[];

/** The stretches of each row that has any, by its number from 0. */
export type Lines = Readonly<Record<string, Stretches>>;

export interface Painted {
  readonly shape: "mask";
  readonly rows: number;
  readonly columns: number;
  readonly lines: Lines;
}

type Mask = Extract<components["schemas"]["Mark"]["shape"], { shape: "mask" }>;

export const NOTHING: Lines = {};

/** What is in one, the other or both, as `keep` says of every column. */
export function combined(one: Stretches, other: Stretches, keep: (inOne: boolean, inOther: boolean) => boolean): Stretches {
  const edges = [...new Set([...one, ...other])].sort((a, b) => a - b);
  const result: number[] = [];
  for (const edge of edges) {
    const inside = keep(holds(one, edge), holds(other, edge));
    if (inside !== (result.length % 2 === 1)) {
      result.push(edge);
    }
  }
  return result;
}

function holds(stretches: Stretches, column: number): boolean {
  let passed = 0;
  while (passed < stretches.length && (stretches[passed] ?? 0) <= column) {
    passed += 1;
  }
  return passed % 2 === 1;
}

/** The lines with the stroke in them. */
export function withStroke(lines: Lines, stroke: Lines): Lines {
  return changed(lines, stroke, (inLines, inStroke) => inLines || inStroke);
}

/** The lines without what the stroke went over. */
export function withoutStroke(lines: Lines, stroke: Lines): Lines {
  return changed(lines, stroke, (inLines, inStroke) => inLines && !inStroke);
}

function changed(lines: Lines, stroke: Lines, keep: (inLines: boolean, inStroke: boolean) => boolean): Lines {
  const result: Record<string, Stretches> = { ...lines };
  for (const [row, touched] of Object.entries(stroke)) {
    const now = combined(lines[row] ?? [], touched, keep);
    if (now.length === 0) {
      Reflect.deleteProperty(result, row);
    } else {
      result[row] = now;
    }
  }
  return result;
}

export function isPainted(lines: Lines, column: number, row: number): boolean {
  return holds(lines[Math.floor(row)] ?? [], Math.floor(column));
}

/** How many pixels are painted. */
export function pixelsOf(lines: Lines): number {
  return Object.values(lines).flat().reduce((sum, edge, index) => sum + (index % 2 === 0 ? -edge : edge), 0);
}

/** Every painted stretch: row, first column, the column after the last. */
export function stretchesOf(lines: Lines): readonly (readonly [number, number, number])[] {
  return Object.keys(lines)
    .map(Number)
    .sort((one, other) => one - other)
    .flatMap((row) => {
      const edges = lines[row] ?? [];
      return Array.from({ length: edges.length / 2 }, (_, at) => [row, edges[2 * at] ?? 0, edges[2 * at + 1] ?? 0] as const);
    });
}

/** The mask as it is submitted: run lengths, row after row, beginning outside. */
export function maskOf({ rows, columns, lines }: Painted): Mask {
  const runs: number[] = [];
  let end = 0;
  for (const [row, from, to] of stretchesOf(lines)) {
    const start = row * columns + from;
    if (start === end && runs.length > 0) {
      runs[runs.length - 1] = (runs.at(-1) ?? 0) + to - from;
    } else {
      runs.push(start - end, to - from);
    }
    end = row * columns + to;
  }
  return { shape: "mask", rows, columns, runs: end < rows * columns ? [...runs, rows * columns - end] : runs };
}
