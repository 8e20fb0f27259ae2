/** The volume that is looked at: which, through which place, how much of it is here. It is not saved, and says nothing of the case. */
import { computed, effect, signal, untracked } from "@preact/signals";

import { frame } from "../api/client";
import { tool } from "../state/drawing";
import { isWrong } from "../state/greyscale";
import { assignment, film, goToSpot, planes as headers, spot } from "../state/reading";
import { greys, inverted } from "../state/view";
import type { TextKey } from "../texts";
import type { Frame } from "../viewer/window";
import { fullWindow } from "../viewer/window";
import { areAlike, UnlikeSlice } from "./alike";
import type { Outline, Unfit, Vector } from "./outline";
import { fitsWithin, imageAt, middleOf, outlineOf } from "./outline";
import type { Elements, Planes } from "./planes";
import { Turns } from "./turns";
import { mostSide } from "./webgl";

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
    return;
  }
  hindrance.value = hindranceHere(outline);
  if (hindrance.value === null) {
    place.value = middleOf(spot.peek()?.image ?? "", outline);
    shown.value = { outline, assignment: assignmentId };
  }
}

/** What keeps this browser from showing the volume. */
function hindranceHere(outline: Outline): TextKey | null {
  const side = mostSide();
  if (side === null) {
    return "volume.no-webgl";
  }
  return fitsWithin(outline, side) ? null : "volume.large";
}

/** The image at the crossing is shown, where marks are drawn. */
function backToImages(): void {
  const image = shown.value === null ? undefined : imageAt(place.value, shown.value.outline);
  shown.value = null;
  if (image !== undefined) {
    goToSpot(image, 1);
  }
}

/** Whether what was begun is ended: nothing is counted or said of it any more. */
interface Way {
  ended: boolean;
}

/** Where a slice is not alike to the others, the image is shown again and it is said why; any other trouble is said in its place. */
function refuse(reason: unknown, way: Way): void {
  if (way.ended) {
    return;
  }
  if (reason instanceof UnlikeSlice) {
    backToImages();
    hindrance.value = "volume.unlike";
  } else {
    trouble.value = reason;
  }
}

const turns = new Turns();

/** The views of the volume stand in these elements until the returned act ends them. */
export function stand({ outline, assignment: assignmentId }: Shown, elements: Elements): () => void {
  const way: Way = { ended: false };
  arrived.value = 0;
  trouble.value = null;
  const end = turns.take({
    find: () => begun(outline, assignmentId),
    open: ([{ Planes: Made }, like]) => {
      const fetched = (image: string) => counted(assignmentId, image, like, way);
      return Made.open({ outline, like, fetched, window: greys.peek() ?? fullWindow(like) }, elements);
    },
    stands: (planes) => {
      planes.pass(place.peek());
      views.value = { planes, change: 0 };
    },
    fails: (reason) => { refuse(reason, way); },
    close: (planes) => { planes.close(); },
  });
  return () => {
    way.ended = true;
    views.value = null;
    end();
  };
}

/** A slice for Cornerstone. One that is not alike closes the volume before it is drawn, and `like` stands in for it: a refusal would stay unhandled. */
async function counted(assignmentId: string, image: string, like: Frame, way: Way): Promise<Frame> {
  try {
    const one = await slice(assignmentId, image, like);
    arrived.value += way.ended ? 0 : 1;
    return one;
  } catch (reason) {
    refuse(reason, way);
    if (reason instanceof UnlikeSlice) {
      return like;
    }
    throw reason;
  }
}

/** Cornerstone is loaded with the first volume, and with no film; a slice from the middle says what the others are like. */
async function begun(outline: Outline, assignmentId: string) {
  const image = outline.images[Math.floor(outline.images.length / 2)] ?? "";
  return Promise.all([import("./planes"), slice(assignmentId, image)]);
}

/** A slice of the volume; refused with `UnlikeSlice` where it is not as `like`. */
async function slice(assignmentId: string, image: string, like?: Frame): Promise<Frame> {
  const one = await frame(`/api/assignments/${assignmentId}/images/${image}/frames/1`);
  if (!areAlike(one, like ?? one)) {
    throw new UnlikeSlice();
  }
  return one;
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
// Another case ends it, and so do greys that are wrong; who takes a tool draws on the image at the crossing.
effect(() => {
  const [open, wrong, draws] = [assignment.value?.assignment_id, isWrong.value, tool.value !== null];
  untracked(() => {
    if (wrong || shown.value?.assignment !== open) {
      shown.value = null;
    } else if (draws) {
      backToImages();
    }
  });
});
found.subscribe(() => {
  hindrance.value = null;
});
