/** What the pointer does on the image: it draws, takes hold of a mark, or else changes the window or moves the image. */
import type { Shape } from "../model/types";
import { canWork, draft } from "../state/draft";
import { draw, reshape, select, shownMarks, tool } from "../state/drawing";
import { film, selected } from "../state/reading";
import { dragWindow, panBy, room, sight, useWindow } from "../state/view";
import { distance, distanceTo, handlesOf, moved, reshaped } from "../tools/shapes";
import { moving } from "./Marks";
import type { Point } from "./transform";
import { toImage, toRoom } from "./transform";
import type { Frame } from "./window";

/** How many room pixels away a line can still be met. */
const REACH = 8;

type Hold =
  | { readonly kind: "window" | "pan"; readonly from: Point }
  | { readonly kind: "mark"; readonly name: string; readonly start: Point; readonly was: Shape; readonly handle: number | null };

let hold: Hold | null = null;

export function down(event: PointerEvent): void {
  const point = pointOf(event);
  const [image, frame] = [imagePoint(point), film.value];
  if (image === null || frame === null) {
    return;
  }
  (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  if (event.button !== 0) {
    hold = { kind: "pan", from: point };
  } else if (tool.value !== null) {
    draw({ act: "press", at: image }, frame, near());
  } else {
    hold = heldAt(point, image) ?? { kind: event.shiftKey ? "pan" : "window", from: point };
  }
}

export function move(event: PointerEvent): void {
  const point = pointOf(event);
  const [image, frame] = [imagePoint(point), film.value];
  if (image === null || frame === null) {
    return;
  }
  if (hold === null) {
    draw({ act: "move", at: image }, frame, near());
  } else if (hold.kind === "mark") {
    moving.value = { name: hold.name, shape: changed(hold, image, frame) };
  } else {
    (hold.kind === "pan" ? panBy : dragWindow)(point[0] - hold.from[0], point[1] - hold.from[1]);
    hold = { ...hold, from: point };
  }
}

export function up(event: PointerEvent): void {
  const [image, frame] = [imagePoint(pointOf(event)), film.value];
  if (hold === null && image !== null && frame !== null) {
    draw({ act: "release", at: image }, frame, near());
  }
  if (moving.value !== null) {
    reshape(moving.value.name, moving.value.shape);
  }
  drop();
}

export function drop(): void {
  moving.value = null;
  hold = null;
}

/** Twice on the image: an outline is closed, or the window is as it was opened. */
export function twice(): void {
  if (tool.value === null) {
    useWindow(null);
  } else if (film.value !== null) {
    draw({ act: "close" }, film.value, near());
  }
}

/** The handle or the line that lies under the pointer. */
function heldAt(point: Point, image: Point): Hold | null {
  const now = sight.value;
  if (now === null) {
    return null;
  }
  const own = selected.value;
  const mark = own === null ? undefined : shownMarks.value.find(([name]) => name === own)?.[1];
  if (own !== null && mark !== undefined && canWork.value) {
    const handle = handlesOf(mark.shape).findIndex((one) => distance(toRoom(one, now, room.value), point) <= REACH);
    if (handle >= 0) {
      return { kind: "mark", name: own, start: image, was: mark.shape, handle };
    }
  }
  const hit = shownMarks.value.find(([, one]) => distanceTo(one.shape, image) <= near());
  if (hit === undefined) {
    return null;
  }
  select(hit[0]);
  return canWork.value ? { kind: "mark", name: hit[0], start: image, was: hit[1].shape, handle: null } : null;
}

function changed(held: Extract<Hold, { kind: "mark" }>, image: Point, frame: Frame): Shape {
  if (!(held.name in draft.value.marks)) {
    return held.was;
  }
  return held.handle === null
    ? moved(held.was, image[0] - held.start[0], image[1] - held.start[1], frame)
    : reshaped(held.was, held.handle, image, frame);
}

/** How many image pixels the reach of a pointer is. */
function near(): number {
  return REACH / (sight.value?.scale ?? 1);
}

/** Where in the room a pointer or a wheel is. */
export function pointOf(event: MouseEvent): Point {
  const { left, top } = (event.currentTarget as HTMLElement).getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}

function imagePoint(point: Point): Point | null {
  return sight.value === null ? null : toImage(point, sight.value, room.value);
}
