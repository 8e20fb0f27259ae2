/** Stored values to grey: a linear window over them, or colours as they are. Pure; no canvas here. */
import type { Plane } from "../model/types";

export interface Frame {
  readonly rows: number;
  readonly columns: number;
  /** 1 for grey, 3 for red, green and blue in turn. */
  readonly samples: number;
  readonly values: Uint8Array | Uint16Array | Int16Array;
  readonly inverted: boolean;
  /** The node laid the image's own transformation over them: 0 is black and 65535 white. */
  readonly baked?: boolean;
}

/** Stored values that are shown black and white. */
export interface GreyWindow {
  readonly low: number;
  readonly high: number;
}

/** The whole range the frame uses. */
export function fullWindow(frame: Frame): GreyWindow {
  let low = Infinity;
  let high = -Infinity;
  for (const value of frame.values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high > low ? { low, high } : { low, high: low + 1 };
}

/** The window of a centre and a width in rescaled values, as stored values. Source: PS3.3 section C.11.2.1.2.1. */
export function windowOf(centre: number, width: number, { slope, intercept }: Pick<Plane, "slope" | "intercept">): GreyWindow {
  const [one, other] = [centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2].map((value) => (value - intercept) / slope);
  const [low = 0, high = 1] = [one ?? 0, other ?? 1].sort((a, b) => a - b);
  return { low, high: Math.max(high, low + 1) };
}

/** The window an image is opened with: the first of its header, or the whole range; of baked values from black to white. */
export function firstWindow(frame: Frame, plane: Plane | undefined): GreyWindow {
  if (frame.baked === true) {
    return BAKED;
  }
  const said = plane?.windows[0];
  return plane === undefined || said === undefined ? fullWindow(frame) : windowOf(said.centre, said.width, plane);
}

const BAKED: GreyWindow = { low: 0, high: 65535 };

export interface Preset {
  readonly name: "brain" | "lung" | "mediastinum" | "abdomen" | "liver" | "bone";
  readonly centre: number;
  readonly width: number;
}

/** Usual windows of CT, in Hounsfield units. */
export const CT_PRESETS: readonly Preset[] = [
  { name: "brain", centre: 40, width: 80 },
  { name: "lung", centre: -600, width: 1500 },
  { name: "mediastinum", centre: 40, width: 400 },
  { name: "abdomen", centre: 50, width: 350 },
  { name: "liver", centre: 70, width: 150 },
  { name: "bone", centre: 400, width: 1800 },
];

/** RGBA bytes of the frame through a window; MONOCHROME1 is shown inverted, and so is what the reader inverts. */
export function toRgba(frame: Frame, window: GreyWindow, invert = false): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(new ArrayBuffer(frame.rows * frame.columns * 4));
  if (frame.samples === 3) {
    return coloured(frame, rgba, invert);
  }
  const { low, high } = window;
  const scale = 255 / (high - low);
  const dark = frame.inverted !== invert;
  let at = 0;
  for (const value of frame.values) {
    const grey = (value - low) * scale;
    const shown = dark ? 255 - grey : grey;
    rgba[at] = rgba[at + 1] = rgba[at + 2] = shown;
    rgba[at + 3] = 255;
    at += 4;
  }
  return rgba;
}

function coloured({ values }: Frame, rgba: Uint8ClampedArray<ArrayBuffer>, invert: boolean): Uint8ClampedArray<ArrayBuffer> {
  for (let pixel = 0; pixel * 4 < rgba.length; pixel += 1) {
    for (let colour = 0; colour < 3; colour += 1) {
      const value = values[pixel * 3 + colour] ?? 0;
      rgba[pixel * 4 + colour] = invert ? 255 - value : value;
    }
    rgba[pixel * 4 + 3] = 255;
  }
  return rgba;
}

/** A window dragged by the mouse: sideways changes its width, up and down its centre. */
export function dragged(window: GreyWindow, across: number, down: number): GreyWindow {
  const width = Math.max(1, (window.high - window.low) * Math.exp(across / 300));
  const centre = (window.high + window.low) / 2 + (down * (window.high - window.low)) / 300;
  return { low: centre - width / 2, high: centre + width / 2 };
}

/** The frame of an API answer: little-endian stored values, their shape in the headers. */
export function frameFrom(bytes: ArrayBuffer, headers: Headers): Frame {
  const rows = Number(headers.get("X-Rows"));
  const columns = Number(headers.get("X-Columns"));
  const samples = Number(headers.get("X-Samples") ?? "1");
  const signed = headers.get("X-Signed") === "true";
  const wide = bytes.byteLength >= rows * columns * samples * 2;
  const values = wide ? (signed ? new Int16Array(bytes) : new Uint16Array(bytes)) : new Uint8Array(bytes);
  const inverted = headers.get("X-Photometric") === "MONOCHROME1";
  return { rows, columns, samples, values, inverted, ...(headers.get("X-Baked") === "true" ? { baked: true } : {}) };
}
