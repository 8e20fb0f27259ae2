/** Stored values to grey: a linear window over the stored range. Pure; no canvas here. */

export interface Frame {
  readonly rows: number;
  readonly columns: number;
  readonly values: Uint8Array | Uint16Array | Int16Array;
  readonly inverted: boolean;
}

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

/** RGBA bytes of the frame through a window; MONOCHROME1 is shown inverted. */
export function toRgba(frame: Frame, { low, high }: GreyWindow): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(new ArrayBuffer(frame.rows * frame.columns * 4));
  const scale = 255 / (high - low);
  let at = 0;
  for (const value of frame.values) {
    const grey = (value - low) * scale;
    const shown = frame.inverted ? 255 - grey : grey;
    rgba[at] = rgba[at + 1] = rgba[at + 2] = shown;
    rgba[at + 3] = 255;
    at += 4;
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
  const signed = headers.get("X-Signed") === "true";
  const wide = bytes.byteLength >= rows * columns * 2;
  const values = wide ? (signed ? new Int16Array(bytes) : new Uint16Array(bytes)) : new Uint8Array(bytes);
  return { rows, columns, values, inverted: headers.get("X-Photometric") === "MONOCHROME1" };
}
