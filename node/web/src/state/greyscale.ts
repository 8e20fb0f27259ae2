/**
 * The greyscale self-check: of each series the first image that is seen is drawn here as it was opened, read back and
 * compared with the node's own picture of it, and so is a ramp of every grey. What was found, the windows the images
 * were left with and whether the person saw the steps of the pattern go with the reading.
 */
import { computed, effect, signal } from "@preact/signals";

import { version } from "../../package.json";
import { preview } from "../api/client";
import type { Picture } from "../viewer/greyscale";
import { ramp, saidOf, TOLERANCE, worstDifference } from "../viewer/greyscale";
import type { Frame, GreyWindow } from "../viewer/window";
import { firstWindow, toRgba } from "../viewer/window";
import { assignment, film, filmAt, isSettled, planes, spots } from "./reading";
import { person } from "./session";
import { greys, plane } from "./view";

export type Steps = "not-asked" | "seen" | "not-seen";

/** The worst difference so far in the case that is open, in steps of 255; none before anything was compared. */
export const worst = signal<number | null>(null);
export const isWrong = computed(() => worst.value !== null && worst.value > TOLERANCE);
/** What the person said of the pattern since signing in. */
export const steps = signal<Steps>("not-asked");

const MOST_WINDOWS = 64;
let begun = new Set<number>();
let windows = new Map<string, { readonly centre: number; readonly width: number }>();

/** What goes with a reading of how it was seen. */
export function displayed() {
  const found = worst.value;
  return {
    display: {
      page_version: version,
      greyscale_check: found === null ? ("not-run" as const) : isWrong.value ? ("failed" as const) : ("passed" as const),
      ...(found === null ? {} : { worst_difference: Math.min(255, found) }),
      windows: [...windows].slice(-MOST_WINDOWS).map(([image_id, window]) => ({ image_id, ...window })),
    },
    provenance: { "grey-steps": steps.value },
  };
}

interface Seen {
  readonly assignment: string;
  readonly image: string;
  readonly number: number;
  readonly series: number;
}

function seen(): Seen | null {
  const [sheet, place] = [assignment.value, spots.value[filmAt.value ?? -1]];
  const image = sheet?.images.find(({ image_id }) => image_id === place?.image);
  return sheet === null || place === undefined || image === undefined
    ? null
    : { assignment: sheet.assignment_id, image: image.image_id, number: place.frame, series: image.series };
}

async function compare({ assignment: of, image, number, series }: Seen, frame: Frame, window: GreyWindow): Promise<void> {
  try {
    const wanted = await readFrom(await preview(`/api/assignments/${of}/images/${image}/frames/${number}/preview.png`));
    const { frame: greysOnce, wanted: everyGrey } = ramp();
    const found = Math.max(
      worstDifference(wanted, drawn(frame, window)),
      worstDifference(everyGrey, drawn(greysOnce, { low: 0, high: 65535 })),
    );
    if (assignment.value?.assignment_id === of) {
      worst.value = Math.max(worst.value ?? 0, found);
    }
  } catch {
    begun.delete(series); // the next image of the series is compared; a reading without any says so
  }
}

/** The frame through a window as a canvas gives it back. */
function drawn(frame: Frame, window: GreyWindow): Picture {
  const context = blank(frame.columns, frame.rows);
  context.putImageData(new ImageData(toRgba(frame, window), frame.columns, frame.rows), 0, 0);
  return context.getImageData(0, 0, frame.columns, frame.rows);
}

async function readFrom(png: Blob): Promise<Picture> {
  const bitmap = await createImageBitmap(png, { colorSpaceConversion: "none" });
  const context = blank(bitmap.width, bitmap.height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, context.canvas.width, context.canvas.height);
}

function blank(width: number, height: number): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) {
    throw new Error("no canvas");
  }
  return context;
}

assignment.subscribe(() => {
  begun = new Set();
  windows = new Map();
  worst.value = null;
});
effect(() => {
  if (person.value === null) {
    steps.value = "not-asked";
  }
});
effect(() => {
  const [here, frame] = [seen(), film.value];
  if (here === null || frame === null || !isSettled.value || !planes.value.has(here.image) || begun.has(here.series)) {
    return;
  }
  begun.add(here.series);
  void compare(here, frame, firstWindow(frame, planes.value.get(here.image)));
});
effect(() => {
  const [here, frame, window] = [seen(), film.value, greys.value];
  if (here !== null && window !== null && frame?.samples === 1) {
    const straight = frame.baked === true ? undefined : plane.value;
    windows.delete(here.image);
    windows.set(here.image, saidOf(window, straight ?? { slope: 1, intercept: 0 }));
  }
});
