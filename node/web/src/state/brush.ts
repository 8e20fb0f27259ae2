/** The brush in hand: its size, whether it erases or heeds a range of values, and the stroke that is being made. */
import { computed, effect, signal } from "@preact/signals";

import { marksOf, thingOf, withChangedMark, withMark, withoutMark } from "../model/draft";
import type { DrawnMark } from "../model/draft";
import type { Lines } from "../model/painted";
import { NOTHING, withoutStroke, withStroke } from "../model/painted";
import type { Range } from "../tools/brush";
import { resized, swept, within } from "../tools/brush";
import type { Point } from "../viewer/transform";
import type { Frame } from "../viewer/window";
import { fullWindow } from "../viewer/window";
import { stop } from "./cine";
import { draft } from "./draft";
import { frameShown, keep, tool, trouble } from "./drawing";
import { assignment, film, holding, selected, spot } from "./reading";
import { greys } from "./view";

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

/** The thing that is painted on; none while the next stroke begins one, and none that was undone. */
export const thing = computed(() => {
  const of = painting.value ? (tool.value?.of ?? null) : null;
  return Object.entries(draft.value.marks).some(([name, mark]) => thingOf(name, mark) === of) ? of : null;
});

type PaintedMark = DrawnMark & { readonly shape: Extract<DrawnMark["shape"], { shape: "mask" }> };

/** Its mask on the frame that is shown. */
export const paintedHere = computed<readonly [string, PaintedMark] | null>(() => {
  const [own, here] = [thing.value, spot.value];
  const found = Object.entries(draft.value.marks).find(
    ([name, mark]) =>
      own !== null && thingOf(name, mark) === own && mark.image_id === here?.image && mark.frame === here.frame && mark.shape.shape === "mask",
  );
  return found === undefined ? null : (found as readonly [string, PaintedMark]);
});

export function resize(larger: boolean): void {
  radius.value = resized(radius.value, larger);
}

/** The brush heeds values, or none again: to begin with the brighter half of what the window shows. */
export function heedOrNot(): void {
  const [window, frame] = [greys.value, film.value];
  if (heeded.value !== null || window === null || frame?.samples !== 1) {
    heeded.value = null;
  } else {
    heeded.value = { low: (window.low + window.high) / 2, high: Math.max(window.high, fullWindow(frame).high) };
  }
}

export function press(point: Point, frame: Frame, erases: boolean): void {
  stop();
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
  const before = paintedHere.value;
  if (before !== null) {
    repaint(before[0], before[1], erases ? withoutStroke(before[1].shape.lines, lines) : withStroke(before[1].shape.lines, lines));
  } else if (!erases) {
    begin(lines, frame);
  }
}

function repaint(name: string, mark: PaintedMark, lines: Lines): void {
  if (Object.keys(lines).length === 0) {
    keep(withoutMark(draft.value, name));
  } else if (keep(withChangedMark(draft.value, name, { ...mark, shape: { ...mark.shape, lines } }))) {
    selected.value = name;
  }
}

function begin(lines: Lines, { rows, columns }: Frame): void {
  const [now, here, own] = [tool.value, spot.value, thing.value];
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
    ...(own === null ? {} : { of: own }),
    ...(now.label === null ? {} : { label: now.label }),
    shape: { shape: "mask", rows, columns, lines: { ...NOTHING, ...lines } },
  });
  if (keep(placed.draft)) {
    selected.value = placed.name;
    tool.value = { ...now, of: own ?? placed.name };
  }
}

// What is made goes with the brush, and with the frame it is on; Delete and the eye follow the thing from frame to frame.
effect(() => {
  if (!painting.value) {
    stroke.value = null;
  }
});
effect(() => {
  holding.value = stroke.value !== null;
});
frameShown.subscribe(() => {
  stroke.value = null;
  if (painting.peek()) {
    selected.value = paintedHere.peek()?.[0] ?? null;
  }
});
assignment.subscribe(() => {
  drop();
  erasing.value = false;
  heeded.value = null;
});
