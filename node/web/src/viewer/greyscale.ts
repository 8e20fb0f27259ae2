/** Whether what is on a canvas is what it should be: means of blocks, compared in steps of 255. Pure; no canvas here. */
import type { Plane } from "../model/types";
import type { Frame, GreyWindow } from "./window";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of every pixel, row after row. */
  readonly data: Uint8ClampedArray;
}

/** So far may the greys of a page be from those of its node, in steps of 255. */
export const TOLERANCE = 2;
const BLOCKS = 16;
const RAMP_SIDE = 16;

/** The largest difference between the block means of two pictures; infinite where they are not of one size. */
export function worstDifference(one: Picture, other: Picture): number {
  if (one.width !== other.width || one.height !== other.height) {
    return Infinity;
  }
  const [first, second] = [blockMeans(one), blockMeans(other)];
  return first.reduce((worst, mean, at) => Math.max(worst, Math.abs(mean - (second[at] ?? Infinity))), 0);
}

/** The mean of each colour in blocks that part the picture into at most 16 by 16. */
export function blockMeans({ width, height, data }: Picture): readonly number[] {
  const [across, down] = [Math.ceil(width / BLOCKS), Math.ceil(height / BLOCKS)];
  const columns = Math.ceil(width / across);
  const sums = new Float64Array(columns * Math.ceil(height / down) * 3);
  const counts = new Float64Array(sums.length);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const block = Math.floor(Math.floor(pixel / width) / down) * columns + Math.floor((pixel % width) / across);
    for (let colour = 0; colour < 3; colour += 1) {
      sums[3 * block + colour] = (sums[3 * block + colour] ?? 0) + (data[4 * pixel + colour] ?? 0);
      counts[3 * block + colour] = (counts[3 * block + colour] ?? 0) + 1;
    }
  }
  return Array.from(sums, (sum, at) => sum / (counts[at] ?? 1));
}

/** Every grey once, as stored values and as it has to come out. */
export function ramp(): { readonly frame: Frame; readonly wanted: Picture } {
  const values = Uint16Array.from({ length: RAMP_SIDE * RAMP_SIDE }, (_, at) => at * 257);
  const data = new Uint8ClampedArray(values.length * 4).map((_, at) => (at % 4 === 3 ? 255 : Math.floor(at / 4)));
  const frame = { rows: RAMP_SIDE, columns: RAMP_SIDE, samples: 1, values, inverted: false };
  return { frame, wanted: { width: RAMP_SIDE, height: RAMP_SIDE, data } };
}

/** A window of stored values as centre and width after rescaling. Source: PS3.3 section C.11.2.1.2.1, the other way round. */
export function saidOf({ low, high }: GreyWindow, { slope, intercept }: Pick<Plane, "slope" | "intercept">): { readonly centre: number; readonly width: number } {
  return { centre: ((low + high) / 2) * slope + intercept + 0.5, width: (high - low) * Math.abs(slope) + 1 };
}
