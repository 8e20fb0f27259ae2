/** How the frame is looked at: zoom and place, window, inversion. It says nothing about the case and is not saved. */
import { computed, signal } from "@preact/signals";

import type { Point, Sight, Size } from "../viewer/transform";
import { fitted, panned, zoomed } from "../viewer/transform";
import type { GreyWindow } from "../viewer/window";
import { dragged, firstWindow } from "../viewer/window";
import { assignment, film, planes, spot } from "./reading";

export const room = signal<Size>({ width: 0, height: 0 });
export const inverted = signal(false);
const turns = signal(0);
const placed = signal<Sight | null>(null);
const chosen = signal<GreyWindow | null>(null);

export const plane = computed(() => planes.value.get(spot.value?.image ?? ""));

export const sight = computed<Sight | null>(() => {
  const frame = film.value;
  if (frame === null || room.value.width === 0) {
    return null;
  }
  return placed.value ?? fitted({ width: frame.columns, height: frame.rows }, room.value, turns.value);
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
}

assignment.subscribe(reset);
const size = computed(() => `${film.value?.columns ?? 0}x${film.value?.rows ?? 0}`);
size.subscribe(() => {
  placed.value = null;
});
