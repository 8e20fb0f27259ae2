/** A case worked on by the state modules together, against a node that answers from memory; no browser. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Assignment, CaseImage, Plane } from "../src/model/types";
import { question, schema } from "./schema";

const [ROWS, COLUMNS, SLICES] = [64, 64, 5];
const images: readonly CaseImage[] = Array.from({ length: SLICES }, (_, at) => ({
  image_id: `image-${at + 1}`, rows: ROWS, columns: COLUMNS, frames: 1, modality: "CT", view: "", series: 1,
}));
const sheet = {
  assignment_id: "a", case_id: "c", project_id: "p", state: "held", lease_until: null, guideline: "", rate: null,
  schema: schema(question("masks", { kind: "geometry", level: "frame", geometry: { shapes: ["mask", "contour"], at_most: 6 } })),
  images, patient: { age_band: "", sex: "" },
} as unknown as Assignment;
const plane = (image_id: string): Plane => ({
  image_id, spacing_mm: [1, 1], spacing_at: "patient", right: "", bottom: "", windows: [], slope: 1, intercept: 0,
  position: placed ? { corner_mm: [0, 0, Number(image_id.slice(-1))], across: [1, 0, 0], down: [0, 1, 0] } : null,
});
let placed = false;

let sent: { readonly body: unknown }[] = [];
let version = 0;

function json(body: unknown): Response {
  return new Response(JSON.stringify(body), { status: 200, headers: { "Content-Type": "application/json" } });
}

function answered(url: string, init?: RequestInit): Response {
  if (url.endsWith("/draft/changes")) {
    sent.push(JSON.parse(init?.body as string) as { readonly body: unknown });
    version += 1;
    return json({ version, saved_at: "2026-03-02T09:00:00Z" });
  }
  if (url.endsWith("/draft")) {
    return json({ version: 0, saved_at: null, content: {} });
  }
  if (url.endsWith("/planes")) {
    return json({ planes: images.map(({ image_id }) => plane(image_id)) });
  }
  const headers = { "X-Rows": `${ROWS}`, "X-Columns": `${COLUMNS}`, "X-Samples": "1", "X-Signed": "false", "X-Photometric": "MONOCHROME2" };
  const values = Uint16Array.from({ length: ROWS * COLUMNS }, (_, at) => at % COLUMNS);
  return new Response(values.buffer, { status: 200, headers });
}

async function opened() {
  const reading = await import("../src/state/reading");
  const draft = await import("../src/state/draft");
  const drawing = await import("../src/state/drawing");
  const brush = await import("../src/state/brush");
  const between = await import("../src/state/between");
  const view = await import("../src/state/view");
  reading.openCase(sheet);
  await vi.waitFor(() => { expect([draft.canWork.value, reading.isSettled.value, reading.planes.value.size]).toEqual([true, true, SLICES]); }, PATIENCE_MS);
  const stroke = (...points: readonly (readonly [number, number])[]) => {
    const [first, frame] = [points[0], reading.film.value];
    if (first === undefined || frame === null) {
      throw new Error("no film");
    }
    brush.press(first, frame, brush.erasing.value);
    points.slice(1).forEach((point) => { brush.move(point, frame); });
    brush.release(frame);
  };
  return { ...reading, ...draft, ...drawing, brush, ...between, view, stroke };
}

const PATIENCE_MS = 50_000;
vi.setConfig({ testTimeout: 60_000 });

beforeEach(() => {
  vi.resetModules();
  [sent, version, placed] = [[], 0, false];
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) => Promise.resolve(answered(url, init)));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("painting a case", () => {
  it("makes one thing of strokes on several slices, each stroke one step and one small change set", async () => {
    const work = await opened();
    work.arm(question("masks", sheet.schema.questions[0]), { kind: "mask" });
    work.brush.radius.value = 5;
    work.stroke([20, 20], [30, 20]);
    expect(Object.keys(work.draft.value.marks)).toEqual(["m1"]);
    work.stroke([30, 20], [30, 30]);
    expect(Object.keys(work.draft.value.marks)).toEqual(["m1"]);
    await work.goTo(3);
    work.stroke([40, 20], [50, 20]);
    expect(work.draft.value.marks.m2).toMatchObject({ of: "m1", image_id: "image-4" });
    expect(await work.allSaved()).toBe(true);
    expect(sent.every(({ body }) => JSON.stringify(body).length < 4000)).toBe(true);
    work.undo();
    expect(Object.keys(work.draft.value.marks)).toEqual(["m1"]);
    work.redo();
    expect(Object.keys(work.draft.value.marks)).toEqual(["m1", "m2"]);
  });

  it("fills the slices between in one step, and not where the marks would be too many", async () => {
    const work = await opened();
    work.arm(question("masks", sheet.schema.questions[0]), { kind: "mask" });
    work.stroke([20, 20], [30, 20]);
    await work.goTo(4);
    work.stroke([30, 20], [40, 20]);
    expect(work.canFill()).toBe(true);
    work.fillBetween();
    expect(Object.values(work.draft.value.marks).map(({ image_id, of }) => [image_id, of])).toEqual([
      ["image-1", undefined], ["image-5", "m1"], ["image-2", "m1"], ["image-3", "m1"], ["image-4", "m1"],
    ]);
    work.fillBetween();
    expect(work.trouble.value).toBe("nothing-between");
    work.undo();
    expect(Object.keys(work.draft.value.marks)).toHaveLength(2);
    work.brush.beginAnother();
    await work.goTo(0);
    work.stroke([50, 50]);
    await work.goTo(4);
    work.stroke([50, 50]);
    work.fillBetween();
    expect(work.trouble.value).toBe("too-many");
  });

  it("erases, and a mask of which nothing is left is gone", async () => {
    const work = await opened();
    work.arm(question("masks", sheet.schema.questions[0]), { kind: "mask" });
    work.brush.radius.value = 5;
    work.stroke([20, 20]);
    work.brush.erasing.value = true;
    work.stroke([20, 22]);
    expect(work.draft.value.marks.m1).toBeDefined();
    work.brush.radius.value = 20;
    work.stroke([20, 20]);
    expect(work.draft.value.marks).toEqual({});
    work.undo();
    expect(work.draft.value.marks.m1).toBeDefined();
    work.brush.beginAnother();
    work.stroke([20, 20]);
    expect(Object.keys(work.draft.value.marks)).toEqual(["m1"]);
  });

  it("heeds values, goes on with the mask in hand, and drops a stroke when another slice is shown", async () => {
    const work = await opened();
    const masks = question("masks", sheet.schema.questions[0]);
    work.arm(masks, { kind: "mask" });
    work.brush.heeded.value = { low: 18, high: 19 };
    work.stroke([20, 20]);
    work.cancel();
    work.arm(masks, { kind: "mask" });
    work.stroke([20, 40]);
    expect(Object.keys(work.draft.value.marks)).toEqual(["m1"]);
    expect(work.draft.value.marks.m1?.shape).toMatchObject({ lines: { "20": [18, 20], "40": [18, 20] } });
    const frame = work.film.value;
    if (frame !== null) {
      work.brush.press([30, 30], frame, false);
    }
    await work.goTo(1);
    expect(work.brush.stroke.value).toBeNull();
  });
});

describe("outlines of one thing on two slices", () => {
  it("are filled too", async () => {
    const work = await opened();
    const square = (half: number) => [[32 - half, 32 - half], [32 + half, 32 - half], [32 + half, 32 + half], [32 - half, 32 + half]] as [number, number][];
    const outline = (image_id: string, half: number, of?: string) => ({
      question: "masks", image_id, frame: 1, ...(of === undefined ? {} : { of }), shape: { shape: "contour" as const, points: square(half) },
    });
    work.change({ answers: {}, marks: { m1: outline("image-1", 4), m2: outline("image-3", 8, "m1") } });
    work.select("m2");
    work.fillBetween();
    expect(work.draft.value.marks.m3).toMatchObject({ of: "m1", image_id: "image-2", shape: { shape: "contour" } });
  });
});

describe("a stack that came from feet to head", () => {
  it("is leafed from head to feet, and opens at its first slice", async () => {
    placed = true;
    const work = await opened();
    expect(work.spots.value.map(({ image }) => image)).toEqual(["image-5", "image-4", "image-3", "image-2", "image-1"]);
    expect([work.at.value, work.filmAt.value, work.spot.value?.image]).toEqual([0, 0, "image-5"]);
    await work.goTo(1);
    work.arm(question("masks", sheet.schema.questions[0]), { kind: "mask" });
    work.stroke([20, 20]);
    expect(work.draft.value.marks.m1?.image_id).toBe("image-4");
  });
});

describe("cine", () => {
  it("goes round the series, and stops", async () => {
    const work = await opened();
    const cine = await import("../src/state/cine");
    cine.rate.value = 30;
    const seen = new Set<number>();
    work.at.subscribe((at) => seen.add(at));
    cine.playOrStop();
    await vi.waitFor(() => { expect(seen.size).toBe(SLICES); }, PATIENCE_MS);
    cine.playOrStop();
    expect(cine.running.value).toBe(false);
  });
});

describe("a window", () => {
  it("stays while one leafs, and is the image's own again after a reset", async () => {
    const work = await opened();
    expect(work.view.greys.value).toEqual({ low: 0, high: 63 });
    work.view.useWindow({ low: 10, high: 20 });
    await work.goTo(2);
    expect(work.view.greys.value).toEqual({ low: 10, high: 20 });
    work.view.reset();
    expect(work.view.greys.value).toEqual({ low: 0, high: 63 });
  });
});
