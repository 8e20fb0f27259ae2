/** What is being drawn, and which mark is taken hold of. Every whole shape is one step of the draft. */
import { computed, effect, signal } from "@preact/signals";

import type { Draft } from "../model/draft";
import { bytesOf, keyOf, marksOf, MOST_MARK_BYTES, thingOf, withChangedMark, withMark, withoutMark } from "../model/draft";
import type { Question, Shape, ShapeKind } from "../model/types";
import type { Act, Sketch } from "../tools/drawing";
import { begun, drawn } from "../tools/drawing";
import type { Extent } from "../tools/shapes";
import { stop } from "./cine";
import { canWork, change, draft } from "./draft";
import { assignment, goToSpot, pointTo, selected, spot } from "./reading";

export interface Tool {
  readonly question: string;
  /** What the mark will be of, where the question has options. */
  readonly label: string | null;
  /** The thing it shows, where it is another outline of one that was marked. */
  readonly of: string | null;
  readonly sketch: Sketch;
}

export type Trouble = "crossing" | "label-first" | "too-many" | "too-large" | "nothing-between";

export const tool = signal<Tool | null>(null);
export const trouble = signal<Trouble | null>(null);
const preferred = signal<ReadonlyMap<string, ShapeKind>>(new Map());

/** The frame that is shown, by its name: the same place in the stack can become another frame's. */
export const frameShown = computed(() => (spot.value === null ? "" : `${spot.value.image}|${spot.value.frame}`));

/** The marks on the frame that is shown, each with its name. */
export const shownMarks = computed(() => {
  const here = spot.value;
  return Object.entries(draft.value.marks).filter(([, mark]) => mark.image_id === here?.image && mark.frame === here.frame);
});

/** The shapes of a question. */
export function shapesOf({ geometry }: Question): readonly ShapeKind[] {
  return geometry?.shapes ?? [];
}

export function shapeOf(question: Question): ShapeKind | null {
  return preferred.value.get(question.code) ?? shapesOf(question)[0] ?? null;
}

/** The next press on the image draws; what keeps it from that is said. */
export function arm(question: Question, wish: { readonly kind?: ShapeKind; readonly label?: string; readonly of?: string } = {}): void {
  const kind = wish.kind ?? shapeOf(question);
  const label = wish.label ?? (tool.value?.question === question.code ? tool.value.label : null);
  if (kind === null || !canWork.value) {
    trouble.value = null;
    return;
  }
  preferred.value = new Map(preferred.value).set(question.code, kind);
  pointTo(keyOf({ question: question.code }));
  if (question.options.length > 0 && label === null) {
    trouble.value = "label-first";
  } else if (kind !== "mask" && marksOf(draft.value, question.code).length >= (question.geometry?.at_most ?? 0)) {
    trouble.value = "too-many";
  } else {
    trouble.value = null;
    const of = wish.of ?? (kind === "mask" && wish.label === undefined ? maskInHand(question) : null);
    tool.value = { question: question.code, label, of, sketch: begun(kind) };
  }
}

/** The thing whose mask is taken hold of: painting goes on with it. */
function maskInHand({ code }: Question): string | null {
  const name = selected.value;
  const mark = name === null ? undefined : draft.value.marks[name];
  return name !== null && mark?.question === code && mark.shape.shape === "mask" ? thingOf(name, mark) : null;
}

/** Nothing is drawn any more; of a shape in the making first its points go. */
export function cancel(): boolean {
  const was = tool.value;
  trouble.value = null;
  if (was !== null) {
    tool.value = was.sketch.points.length === 0 ? null : { ...was, sketch: begun(was.sketch.kind) };
    return true;
  }
  const had = selected.value !== null;
  selected.value = null;
  return had;
}

/** The pointer did something while a tool is in hand. `near` is in image pixels. */
export function draw(act: Act, extent: Extent, near: number): void {
  const [now, here] = [tool.value, spot.value];
  if (now === null || here === null) {
    return;
  }
  if (act.act === "press") {
    stop();
  }
  const next = drawn(now.sketch, act, extent, near);
  trouble.value = next.crossing ? "crossing" : trouble.value;
  if (next.shape === null) {
    tool.value = { ...now, sketch: next.sketch };
    return;
  }
  const placed = withMark(draft.value, {
    question: now.question,
    image_id: here.image,
    frame: here.frame,
    ...(now.of === null ? {} : { of: now.of }),
    ...(now.label === null ? {} : { label: now.label }),
    shape: next.shape,
  });
  if (keep(placed.draft)) {
    tool.value = null;
    selected.value = placed.name;
  } else {
    tool.value = { ...now, sketch: next.sketch };
  }
}

/** The draft with other marks is the next one; false where the node would not keep as much, which is said. */
export function keep(next: Draft): boolean {
  const size = bytesOf(next);
  const fits = size <= MOST_MARK_BYTES || size < bytesOf(draft.value);
  trouble.value = fits ? null : "too-large";
  if (fits) {
    change(next);
  }
  return fits;
}

/** A mark has another shape. */
export function reshape(name: string, shape: Shape): void {
  const mark = draft.value.marks[name];
  if (mark !== undefined && mark.shape !== shape) {
    keep(withChangedMark(draft.value, name, { ...mark, shape }));
  }
}

/** A mark is of something else. */
export function relabel(name: string, label: string): void {
  const mark = draft.value.marks[name];
  if (mark !== undefined) {
    change(withChangedMark(draft.value, name, { ...mark, label }));
  }
}

export function remove(name: string): void {
  change(withoutMark(draft.value, name));
}

/** A mark is taken hold of, and its frame is shown; a brush in hand paints on its thing. */
export function select(name: string): void {
  const mark = draft.value.marks[name];
  if (mark === undefined) {
    return;
  }
  goToSpot(mark.image_id, mark.frame);
  selected.value = name;
  const now = tool.value;
  if (now?.sketch.kind === "mask" && mark.shape.shape === "mask" && mark.question === now.question) {
    tool.value = { ...now, of: thingOf(name, mark), label: mark.label ?? null };
  }
}

/** The next mark of the case, in the order of their names. */
export function selectNext(): void {
  const names = Object.keys(draft.value.marks);
  const next = names[(names.indexOf(selected.value ?? "") + 1) % Math.max(1, names.length)];
  if (next !== undefined) {
    select(next);
  }
}

// Another frame ends a shape in the making; another case ends everything; a mark that is gone is not taken hold of.
frameShown.subscribe(() => {
  const was = tool.peek();
  if (was !== null && was.sketch.points.length > 0) {
    tool.value = { ...was, sketch: begun(was.sketch.kind) };
  }
});
assignment.subscribe(() => {
  tool.value = null;
  trouble.value = null;
  preferred.value = new Map();
});
effect(() => {
  const name = selected.peek();
  if (name !== null && !(name in draft.value.marks)) {
    selected.value = null;
  }
});
effect(() => {
  if (!canWork.value) {
    tool.value = null;
  }
});
