/** The volume that is looked at: which, through which place, how much of it is here. It is not saved, and says nothing of the case. */
import { computed, effect, signal } from "@preact/signals";

import { frame } from "../api/client";
import { tool } from "../state/drawing";
import { assignment, film, goToSpot, planes as headers, spot } from "../state/reading";
import { greys, inverted } from "../state/view";
import type { TextKey } from "../texts";
import type { Frame } from "../viewer/window";
import { fullWindow } from "../viewer/window";
import type { Outline, Unfit, Vector } from "./outline";
import { imageAt, middleOf, outlineOf } from "./outline";
import type { Elements, Planes } from "./planes";
import { hasWebGl } from "./webgl";

export interface Shown {
  readonly outline: Outline;
  readonly assignment: string;
}

/** The volume whose planes stand in the place of the image. */
export const shown = signal<Shown | null>(null);
/** Where the three planes cross. */
export const place = signal<Vector>([0, 0, 0]);
export const arrived = signal(0);
export const trouble = signal<unknown>(null);
/** Why the planes are not shown, once somebody asked for them. */
export const hindrance = signal<TextKey | null>(null);
/** The views themselves, once they stand; counted anew at each change of what they show. */
export const views = signal<{ readonly planes: Planes; readonly change: number } | null>(null);

const WORDS: Readonly<Record<Exclude<Unfit, "few" | "place">, TextKey>> = {
  unlike: "volume.unlike",
  uneven: "volume.uneven",
  large: "volume.large",
};

const found = computed(() => outlineOf(assignment.value?.images ?? [], headers.value, spot.value?.image ?? ""));
/** The case has slices that somebody may want to see so. */
export const hasSlices = computed(() => typeof found.value !== "string" || (found.value !== "few" && found.value !== "place"));

/** The planes are asked for, or the image is again. */
export function toggle(): void {
  if (shown.value !== null) {
    backToImages();
  } else if (assignment.value !== null) {
    ask(assignment.value.assignment_id);
  }
}

function ask(assignmentId: string): void {
  const outline = found.peek();
  if (typeof outline === "string") {
    hindrance.value = outline === "few" || outline === "place" ? null : WORDS[outline];
  } else if (!hasWebGl()) {
    hindrance.value = "volume.no-webgl";
  } else {
    hindrance.value = null;
    place.value = middleOf(spot.peek()?.image ?? "", outline);
    shown.value = { outline, assignment: assignmentId };
  }
}

/** The image at the crossing is shown, where marks are drawn. */
function backToImages(): void {
  const image = shown.value === null ? undefined : imageAt(place.value, shown.value.outline);
  shown.value = null;
  if (image !== undefined) {
    goToSpot(image, 1);
  }
}

/** The views of the volume stand in these elements until the returned act ends them. */
export function stand({ outline, assignment: assignmentId }: Shown, elements: Elements): () => void {
  let ended = false;
  arrived.value = 0;
  trouble.value = null;
  const fetched = async (image: string): Promise<Frame> => {
    try {
      const one = await frame(`/api/assignments/${assignmentId}/images/${image}/frames/1`);
      arrived.value += ended ? 0 : 1;
      return one;
    } catch (refusal) {
      trouble.value = ended ? trouble.value : refusal;
      throw refusal;
    }
  };
  const standing = opened(outline, fetched, elements).then((planes) => {
    if (ended) {
      planes.close();
      return null;
    }
    planes.pass(place.peek());
    views.value = { planes, change: 0 };
    return planes;
  });
  standing.catch((refusal: unknown) => { trouble.value = ended ? trouble.value : refusal; });
  return () => {
    ended = true;
    views.value = null;
    standing.then((planes) => { planes?.close(); }, () => null);
  };
}

/** Cornerstone is loaded with the first volume, and with no film. */
async function opened(outline: Outline, fetched: (image: string) => Promise<Frame>, elements: Elements): Promise<Planes> {
  const path = outline.images[Math.floor(outline.images.length / 2)] ?? "";
  const [{ Planes: Made }, like] = await Promise.all([import("./planes"), fetched(path)]);
  arrived.value = 0;
  return Made.open({ outline, like, fetched, window: greys.peek() ?? fullWindow(like) }, elements);
}

/** What the views show was changed. */
export function changed(act: (planes: Planes) => void): void {
  const now = views.peek();
  if (now !== null) {
    act(now.planes);
    views.value = { ...now, change: now.change + 1 };
  }
}

/** The planes cross here from now on. */
export function cross(at: Vector): void {
  place.value = at;
  changed((planes) => { planes.pass(at); });
}

/** Every view shows its whole plane again. */
export function fitAgain(): void {
  changed((planes) => {
    planes.fit();
    planes.pass(place.peek());
  });
}

effect(() => {
  const [now, window, dark] = [views.value?.planes, greys.value, inverted.value];
  if (now !== undefined && window !== null) {
    now.show(window, dark !== (film.peek()?.inverted ?? false));
  }
});
effect(() => {
  const open = assignment.value?.assignment_id;
  if (shown.peek()?.assignment !== open || tool.value !== null) {
    shown.value = null;
  }
});
found.subscribe(() => {
  hindrance.value = null;
});
