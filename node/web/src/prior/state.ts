/** The patient's earlier images beside the case: whether there are any, whether they are shown, and which of them. */
import { computed, effect, signal } from "@preact/signals";

import { frame, get } from "../api/client";
import type { PriorImages } from "../model/types";
import { FrameShelf } from "../state/frames";
import { assignment, film, planes, spot } from "../state/reading";
import { greys, plane } from "../state/view";
import type { Frame, GreyWindow } from "../viewer/window";
import { inSpace } from "../viewer/slice";
import { firstWindow, windowOf } from "../viewer/window";
import { beside } from "./link";

const held = new FrameShelf(frame);
const found = signal<PriorImages | null>(null);
/** How many images further than the image beside it the earlier one is. */
const shift = signal(0);
export const isShown = signal(false);
/** What is shown of it: while another image is on its way, still the one before. */
export const priorFilm = signal<{ readonly image: string; readonly frame: Frame } | null>(null);
export const priorTrouble = signal<unknown>(null);

/** The earlier study, once it is known and has images. */
export const prior = computed(() => ((found.value?.images.length ?? 0) > 0 ? found.value : null));
/** Its images in the order in which the case's own are leafed through. */
export const before = computed(() => {
  const known = new Map((prior.value?.planes ?? []).map((plane) => [plane.image_id, plane]));
  return { images: inSpace(prior.value?.images ?? [], known), planes: known };
});
/** The earlier image that belongs beside what is shown. */
const priorImage = computed(() => {
  const own = { images: assignment.value?.images ?? [], planes: planes.value };
  return prior.value === null || spot.value === null ? null : beside(own, spot.value.image, before.value, shift.value);
});
export const priorPlane = computed(() => before.value.planes.get(priorFilm.value?.image ?? ""));
/** Which of how many is shown, counted from 1. */
export const priorNumber = computed(() => {
  const { images } = before.value;
  return { number: images.findIndex(({ image_id }) => image_id === priorFilm.value?.image) + 1, count: images.length };
});
/** Hounsfield units mean the same in both studies, so CT has one window; anything else its own first. */
export const priorGreys = computed<GreyWindow | null>(() => {
  const [shown, its, own, window] = [priorFilm.value?.frame ?? null, priorPlane.value, plane.value, greys.value];
  if (shown === null) {
    return null;
  }
  const isCt = assignment.value?.images[0]?.modality === "CT" && film.value?.baked !== true && !shown.baked;
  if (!isCt || its === undefined || own === undefined || window === null) {
    return firstWindow(shown, its);
  }
  const [low, high] = [window.low, window.high].map((value) => value * own.slope + own.intercept) as [number, number];
  return windowOf((low + high) / 2 + 0.5, high - low + 1, its);
});

export function togglePrior(): void {
  isShown.value = !isShown.value;
}

/** The earlier images alone go on. */
export function shiftPrior(by: number): void {
  const was = priorImage.value;
  shift.value += by;
  if (priorImage.value === was) {
    shift.value -= by; // an end was reached
  }
}

const opened = computed(() => assignment.value?.assignment_id ?? null);
opened.subscribe(() => {
  found.value = null;
  shift.value = 0;
  isShown.value = false;
  priorFilm.value = null;
  priorTrouble.value = null;
  held.clear();
});
/** Asked for once the first image is shown, which nothing shall delay. */
const asked = computed(() => (film.value === null ? null : opened.value));
asked.subscribe((assignmentId) => {
  if (assignmentId !== null && found.peek() === null) {
    get(`/api/assignments/${assignmentId}/prior`).then(
      (answer) => { found.value = opened.peek() === assignmentId ? (answer as PriorImages) : found.peek(); },
      () => null, // without an answer there is no button, and the case is read as ever
    );
  }
});
effect(() => {
  const [image, assignmentId] = [isShown.value ? priorImage.value : null, opened.value];
  if (image === null || assignmentId === null) {
    return;
  }
  const pathOf = (one: string) => `/api/assignments/${assignmentId}/prior/images/${one}/frames/1`;
  held.get(pathOf(image)).then(
    (shown) => { show(image, shown, null); },
    (refusal: unknown) => { show(image, null, refusal); },
  );
  const next = [1, -1].map((by) => String(Number(image) + by));
  held.ahead(next.filter((one) => before.peek().planes.has(one)).map(pathOf));
});

function show(image: string, shown: Frame | null, refusal: unknown): void {
  if (isShown.peek() && priorImage.peek() === image) {
    priorFilm.value = shown === null ? null : { image, frame: shown };
    priorTrouble.value = refusal;
  }
}
