/** What the pointer does on the image: it draws, paints, takes hold of a mark, or else looks as the person's habits say. */
import type { Drag } from "../model/habits";
import type { Shape } from "../model/types";
import * as brush from "../state/brush";
import { canWork, draft } from "../state/draft";
import { draw, reshape, select, shownMarks, tool } from "../state/drawing";
import { habits } from "../state/habits";
import { at, film, goTo, isSettled, selected } from "../state/reading";
import { dragWindow, panBy, pointer, room, sight, useWindow, zoomBy } from "../state/view";
import { distance, distanceTo, handlesOf, moved, reshaped } from "../tools/shapes";
import { moving } from "./Marks";
import type { Fingers } from "./pinch";
import { pinched } from "./pinch";
import type { Point } from "./transform";
import { toImage, toRoom } from "./transform";
import type { Frame } from "./window";

/** How many room pixels away a line can still be met. */
const REACH = 8;
const ZOOM_PIXELS = 150;
const PAGE_PIXELS = 12;
const BUTTONS = ["left", "middle", "right"] as const;

type Hold =
  | { readonly kind: "look"; readonly drag: Drag; readonly start: Point; readonly from: Point }
  | { readonly kind: "mark"; readonly name: string; readonly start: Point; readonly was: Shape; readonly handle: number | null };

let hold: Hold | null = null;
/** How many points the shape in the making had before the first finger came. */
let pointsBefore = 0;
const fingers = new Map<number, Point>();

export function down(event: PointerEvent): void {
  const point = pointOf(event);
  const [image, frame] = [imagePoint(point), seen()];
  if (image === null || frame === null) {
    return;
  }
  (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  if (secondFinger(event, point)) {
    return;
  }
  const button = BUTTONS[event.button];
  if (button !== "left" && button !== undefined) {
    hold = { kind: "look", drag: habits.value.mouse[button], start: point, from: point };
  } else if (brush.painting.value) {
    brush.press(image, frame, brush.erasing.value || event.ctrlKey);
  } else if (tool.value !== null) {
    draw({ act: "press", at: image }, frame, near());
  } else {
    hold = heldAt(point, image) ?? { kind: "look", drag: event.shiftKey ? "pan" : habits.value.mouse.left, start: point, from: point };
  }
}

export function move(event: PointerEvent): void {
  const point = pointOf(event);
  pointer.value = point;
  if (pinching(event, point)) {
    return;
  }
  const [image, frame] = [imagePoint(point), seen()];
  if (image === null || frame === null) {
    return;
  }
  if (hold?.kind === "look") {
    hold = looked(hold, point);
  } else if (hold !== null) {
    moving.value = { name: hold.name, shape: changed(hold, image, frame) };
  } else if (brush.painting.value) {
    if (event.buttons === 0) {
      brush.drop(); // the button was let go of where the page did not hear it
    }
    brush.move(image, frame);
  } else {
    draw({ act: "move", at: image }, frame, near());
  }
}

export function up(event: PointerEvent): void {
  fingers.delete(event.pointerId);
  const [image, frame] = [imagePoint(pointOf(event)), seen()];
  if (hold === null && image !== null && frame !== null) {
    if (brush.painting.value) {
      brush.release(frame);
    } else {
      draw({ act: "release", at: image }, frame, near());
    }
  }
  if (moving.value !== null) {
    reshape(moving.value.name, moving.value.shape);
  }
  letGo();
}

/** The pointer was taken away by the system: nothing of what it did counts. */
export function drop(event: PointerEvent): void {
  fingers.delete(event.pointerId);
  brush.drop();
  letGo();
}

export function leave(): void {
  pointer.value = null;
  brush.hovering.value = null;
}

function letGo(): void {
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

/** True when a second finger came: what the first began is given up, not the corners before it, and both zoom and move. */
function secondFinger(event: PointerEvent, point: Point): boolean {
  if (event.pointerType !== "touch") {
    return false;
  }
  fingers.set(event.pointerId, point);
  if (fingers.size === 2) {
    brush.drop();
    letGo();
    draw({ act: "giveUp", keeping: pointsBefore }, film.value ?? NO_EXTENT, near());
  } else {
    pointsBefore = tool.value?.sketch.points.length ?? 0;
  }
  return fingers.size > 1;
}

const NO_EXTENT = { columns: 0, rows: 0 };

function pinching(event: PointerEvent, point: Point): boolean {
  if (fingers.size < 2 || !fingers.has(event.pointerId)) {
    return fingers.size > 1;
  }
  const before = two();
  fingers.set(event.pointerId, point);
  const after = two();
  if (before !== null && after !== null) {
    const { factor, at: centre, across, down: sunk } = pinched(before, after);
    panBy(across, sunk);
    zoomBy(factor, centre);
  }
  return true;
}

function two(): Fingers | null {
  const [one, other] = [...fingers.values()];
  return one === undefined || other === undefined ? null : [one, other];
}

function looked(held: Extract<Hold, { kind: "look" }>, point: Point): Hold {
  const [across, sunk] = [point[0] - held.from[0], point[1] - held.from[1]];
  switch (held.drag) {
    case "window":
      dragWindow(across, sunk);
      break;
    case "pan":
      panBy(across, sunk);
      break;
    case "zoom":
      zoomBy(Math.exp(-sunk / ZOOM_PIXELS), held.start);
      break;
    case "pages": {
      const steps = Math.trunc(sunk / PAGE_PIXELS);
      if (steps !== 0) {
        void goTo(at.value + steps);
      }
      return steps === 0 ? held : { ...held, from: [point[0], held.from[1] + steps * PAGE_PIXELS] };
    }
  }
  return { ...held, from: point };
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
  return canWork.value && hit[1].shape.shape !== "mask" ? { kind: "mark", name: hit[0], start: image, was: hit[1].shape, handle: null } : null;
}

function changed(held: Extract<Hold, { kind: "mark" }>, image: Point, frame: Frame): Shape {
  if (!(held.name in draft.value.marks)) {
    return held.was;
  }
  return held.handle === null
    ? moved(held.was, image[0] - held.start[0], image[1] - held.start[1], frame)
    : reshaped(held.was, held.handle, image, frame);
}

/** The frame that is seen and meant; none while another is on its way. */
function seen(): Frame | null {
  return isSettled.value ? film.value : null;
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
