import { describe, expect, it } from "vitest";

import { dragged, firstWindow, frameFrom, fullWindow, toRgba, windowOf } from "../src/viewer/window";

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

describe("a colour frame", () => {
  const frame = frameFrom(new Uint8Array([255, 0, 10, 1, 2, 3, 4, 5, 6]).buffer, headers({ "X-Samples": "3", "X-Photometric": "RGB" }));

  it("is shown as it is, or inverted", () => {
    expect([...toRgba(frame, fullWindow(frame)).slice(0, 8)]).toEqual([255, 0, 10, 255, 1, 2, 3, 255]);
    expect([...toRgba(frame, fullWindow(frame), true).slice(0, 4)]).toEqual([0, 255, 245, 255]);
  });
});

describe("a window", () => {
  const ct = { image_id: "i", spacing_mm: null, spacing_at: null, right: "", bottom: "", windows: [], slope: 1, intercept: -1024, position: null };

  it("of a centre and a width is meant after rescaling", () => {
    expect(windowOf(40, 401, ct)).toEqual({ low: 863.5, high: 1263.5 });
    expect(windowOf(0, 1, { slope: 2, intercept: 0 })).toEqual({ low: -0.25, high: 0.75 });
  });

  it("is the header's first, or else the whole range", () => {
    const frame = frameFrom(new Uint8Array([10, 70, 110]).buffer, headers());
    expect(firstWindow(frame, undefined)).toEqual({ low: 10, high: 110 });
    expect(firstWindow(frame, ct)).toEqual({ low: 10, high: 110 });
    expect(firstWindow(frame, { ...ct, intercept: 0, windows: [{ centre: 50.5, width: 21, name: "" }] })).toEqual({ low: 40, high: 60 });
  });

  it("of baked values goes from black to white, whatever the header says", () => {
    const frame = frameFrom(new Uint8Array([10, 0, 70, 0, 110, 0]).buffer, headers({ "X-Baked": "true" }));
    expect(firstWindow(frame, { ...ct, windows: [{ centre: 50.5, width: 21, name: "" }] })).toEqual({ low: 0, high: 65535 });
  });

  it("is turned round by inversion, of MONOCHROME1 too", () => {
    const frame = frameFrom(new Uint8Array([0, 100, 255]).buffer, headers());
    expect([0, 4, 8].map((index) => toRgba(frame, { low: 0, high: 255 }, true)[index])).toEqual([255, 155, 0]);
    expect(toRgba({ ...frame, inverted: true }, { low: 0, high: 255 }, true)[0]).toBe(0);
  });
});

describe("dragging", () => {
  it("sideways widens the window around its centre", () => {
    const wider = dragged({ low: 0, high: 100 }, 300, 0);
    expect(wider.high - wider.low).toBeCloseTo(100 * Math.E);
    expect((wider.high + wider.low) / 2).toBeCloseTo(50);
  });
});
