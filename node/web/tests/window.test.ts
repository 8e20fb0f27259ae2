import { describe, expect, it } from "vitest";

import { dragged, frameFrom, fullWindow, toRgba } from "../src/viewer/window";

function headers(more: Record<string, string> = {}): Headers {
  return new Headers({ "X-Rows": "1", "X-Columns": "3", "X-Signed": "false", "X-Photometric": "MONOCHROME2", ...more });
}

describe("a frame", () => {
  it("reads one or two bytes a pixel by its length", () => {
    expect([...frameFrom(new Uint8Array([1, 2, 3]).buffer, headers()).values]).toEqual([1, 2, 3]);
    expect([...frameFrom(new Uint8Array([0, 1, 0, 2, 0, 3]).buffer, headers()).values]).toEqual([256, 512, 768]);
    expect([...frameFrom(new Uint8Array([255, 255, 0, 0, 1, 0]).buffer, headers({ "X-Signed": "true" })).values]).toEqual([
      -1, 0, 1,
    ]);
  });

  it("spans black to white over its whole range, and inverts MONOCHROME1", () => {
    const frame = frameFrom(new Uint8Array([10, 70, 110]).buffer, headers());
    const greys = (shown: typeof frame) => [0, 4, 8].map((index) => toRgba(shown, fullWindow(shown))[index]);
    expect(greys(frame)).toEqual([0, 153, 255]);
    expect(greys({ ...frame, inverted: true })).toEqual([255, 102, 0]);
  });

  it("shows a flat frame without dividing by zero", () => {
    const frame = frameFrom(new Uint8Array([7, 7, 7]).buffer, headers());
    expect([...toRgba(frame, fullWindow(frame))].every(Number.isFinite)).toBe(true);
  });
});

describe("dragging", () => {
  it("sideways widens the window around its centre", () => {
    const wider = dragged({ low: 0, high: 100 }, 300, 0);
    expect(wider.high - wider.low).toBeCloseTo(100 * Math.E);
    expect((wider.high + wider.low) / 2).toBeCloseTo(50);
  });
});
