/** How the frame is looked at: zoom and place, window, inversion. It says nothing about the case and is not saved. */
import { computed, signal } from "@preact/signals";

import type { Point, Sight, Size } from "../viewer/transform";
import { fitted, panned, zoomed } from "../viewer/transform";
import type { GreyWindow } from "../viewer/window";
import { dragged, firstWindow } from "../viewer/window";
import { assignment, at, film, filmAt, planes, spots } from "./reading";

const SQUARE_WITHIN = 0.005;

export const room = signal<Size>({ width: 0, height: 0 });
export const inverted = signal(false);
/** Where in the room the pointer is; none while it is elsewhere. */
export const pointer = signal<Point | null>(null);
/** Whether the lens is in use. */
export const magnifying = signal(false);
const turns = signal(0);
const placed = signal<Sight | null>(null);
const chosen = signal<GreyWindow | null>(null);

/** What the film that is seen is of. */
const seen = computed(() => spots.value[filmAt.value ?? at.value]);
export const plane = computed(() => planes.value.get(seen.value?.image ?? ""));

export const sight = computed<Sight | null>(() => {
  const frame = film.value;
  if (frame === null || room.value.width === 0) {
    return null;
  }
  return placed.value ?? fitted({ width: frame.columns, height: frame.rows }, room.value, turns.value, stretch.value);
});

/** How much taller than wide a pixel is, as far as the header says it. */
const stretch = computed(() => {
  const [down, across] = plane.value?.spacing_mm ?? [1, 1];
  return Math.abs(down / across - 1) < SQUARE_WITHIN ? 1 : down / across;
});

export const greys = computed<GreyWindow | null>(() => {
  const frame = film.value;
  return frame === null ? null : (chosen.value ?? firstWindow(frame, plane.value));
});

export function zoomBy(factor: number, point: Point = [room.value.width / 2, room.value.height / 2]): void {
  if (sight.value !== null) {
    placed.value = zoomed(sight.value, factor, point, room.value);
  }
}

export function panBy(across: number, down: number): void {
  if (sight.value !== null) {
    placed.value = panned(sight.value, across, down);
  }
}

export function dragWindow(across: number, down: number): void {
  if (greys.value !== null) {
    chosen.value = dragged(greys.value, across, down);
  }
}

export function useWindow(window: GreyWindow | null): void {
  chosen.value = window;
}

export function invert(): void {
  inverted.value = !inverted.value;
}

/** A quarter turn clockwise, the whole image in view. */
export function rotate(): void {
  turns.value = (turns.value + 1) % 4;
  placed.value = null;
}

/** The whole image in view, turned as it is. */
export function fit(): void {
  placed.value = null;
}

/** As the image was opened. */
export function reset(): void {
  turns.value = 0;
  placed.value = null;
  chosen.value = null;
  inverted.value = false;
  magnifying.value = false;
}

export function magnify(): void {
  magnifying.value = !magnifying.value;
}

assignment.subscribe(reset);
const size = computed(() => `${film.value?.columns ?? 0}x${film.value?.rows ?? 0}x${stretch.value}`);
size.subscribe(() => {
  placed.value = null;
});

// A window is of one series, and of stored or of baked values.
const meant = computed(() => {
  const image = assignment.value?.images.find(({ image_id }) => image_id === seen.value?.image);
  return `${image?.series ?? ""}/${film.value?.baked ?? false}`;
});
meant.subscribe(() => {
  chosen.value = null;
});
