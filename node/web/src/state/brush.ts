/** The brush in hand: its size, whether it erases or heeds a range of values, and the stroke that is being made. */
import { computed, signal } from "@preact/signals";

import { marksOf, thingOf, withChangedMark, withMark, withoutMark } from "../model/draft";
import type { Draft, DrawnMark } from "../model/draft";
import type { Lines } from "../model/painted";
import { NOTHING, withoutStroke, withStroke } from "../model/painted";
import type { Range } from "../tools/brush";
import { resized, swept, within } from "../tools/brush";
import type { Point } from "../viewer/transform";
import type { Frame } from "../viewer/window";
import { change, draft } from "./draft";
import { tool, trouble } from "./drawing";
import { assignment, at, selected, spot } from "./reading";

export interface Stroke {
  readonly lines: Lines;
  readonly erases: boolean;
  readonly at: Point;
}

/** In image pixels. */
export const radius = signal(8);
export const erasing = signal(false);
/** Stored values that alone are painted; none for a brush that heeds none. */
export const heeded = signal<Range | null>(null);
export const stroke = signal<Stroke | null>(null);
/** Where the brush is held over the image. */
export const hovering = signal<Point | null>(null);

export const painting = computed(() => tool.value?.sketch.kind === "mask");

export function resize(larger: boolean): void {
  radius.value = resized(radius.value, larger);
}

export function press(point: Point, frame: Frame, erases: boolean): void {
  stroke.value = { lines: met(point, point, frame, erases), erases, at: point };
}

export function move(point: Point, frame: Frame): void {
  hovering.value = point;
  const now = stroke.value;
  if (now !== null) {
    stroke.value = { ...now, lines: withStroke(now.lines, met(now.at, point, frame, now.erases)), at: point };
  }
}

/** What was painted is one step of the draft. */
export function release(frame: Frame): void {
  const now = stroke.value;
  stroke.value = null;
  if (now !== null && Object.keys(now.lines).length > 0) {
    applied(now, frame);
  }
}

export function drop(): void {
  stroke.value = null;
  hovering.value = null;
}

/** The next stroke begins another thing. */
export function beginAnother(): void {
  if (tool.value !== null) {
    tool.value = { ...tool.value, of: null };
    selected.value = null;
  }
}

function met(from: Point, to: Point, frame: Frame, erases: boolean): Lines {
  const lines = swept(from, to, radius.value, frame);
  return heeded.value === null || erases ? lines : within(lines, frame, heeded.value);
}

function applied({ lines, erases }: Stroke, frame: Frame): void {
  const before = paintedHere();
  if (before !== null) {
    repaint(before[0], before[1], erases ? withoutStroke(before[1].shape.lines, lines) : withStroke(before[1].shape.lines, lines));
  } else if (!erases) {
    begin(lines, frame);
  }
}

type PaintedMark = DrawnMark & { readonly shape: Extract<DrawnMark["shape"], { shape: "mask" }> };

/** The mask on this frame of the thing that is being painted. */
function paintedHere(): readonly [string, PaintedMark] | null {
  const [now, here] = [tool.value, spot.value];
  const found = Object.entries(draft.value.marks).find(
    ([name, mark]) =>
      thingOf(name, mark) === now?.of && mark.image_id === here?.image && mark.frame === here.frame && mark.shape.shape === "mask",
  );
  return found === undefined ? null : (found as readonly [string, PaintedMark]);
}

function repaint(name: string, mark: PaintedMark, lines: Lines): void {
  if (Object.keys(lines).length > 0) {
    change(withChangedMark(draft.value, name, { ...mark, shape: { ...mark.shape, lines } }));
    selected.value = name;
    return;
  }
  const left: Draft = withoutMark(draft.value, name);
  change(left);
  const remains = Object.entries(left.marks).some(([other, one]) => thingOf(other, one) === tool.value?.of);
  tool.value = tool.value === null ? null : { ...tool.value, of: remains ? tool.value.of : null };
}

function begin(lines: Lines, { rows, columns }: Frame): void {
  const [now, here] = [tool.value, spot.value];
  if (now === null || here === null) {
    return;
  }
  const question = assignment.value?.schema.questions.find(({ code }) => code === now.question);
  if (marksOf(draft.value, now.question).length >= (question?.geometry?.at_most ?? 0)) {
    trouble.value = "too-many";
    return;
  }
  const placed = withMark(draft.value, {
    question: now.question,
    image_id: here.image,
    frame: here.frame,
    ...(now.of === null ? {} : { of: now.of }),
    ...(now.label === null ? {} : { label: now.label }),
    shape: { shape: "mask", rows, columns, lines: { ...NOTHING, ...lines } },
  });
  change(placed.draft);
  selected.value = placed.name;
  tool.value = { ...now, of: now.of ?? placed.name };
}

at.subscribe(() => {
  stroke.value = null;
});
assignment.subscribe(() => {
  drop();
  erasing.value = false;
  heeded.value = null;
});
