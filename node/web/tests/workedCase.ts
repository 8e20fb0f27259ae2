/** A case that the state modules work on together, against a node that answers from memory; no browser. */
import { afterEach, beforeEach, expect, vi } from "vitest";

import type { Assignment, CaseImage, Plane } from "../src/model/types";
import type { Frame } from "../src/viewer/window";
import { question, schema } from "./schema";

const [ROWS, COLUMNS] = [64, 64];
export const SLICES = 5;
export const images: readonly CaseImage[] = Array.from({ length: SLICES }, (_, at) => ({
  image_id: `image-${at + 1}`, rows: ROWS, columns: COLUMNS, frames: 1, modality: "CT", view: "", series: 1,
}));
export const sheet = {
  assignment_id: "a", case_id: "c", project_id: "p", state: "held", lease_until: null, guideline: "", rate: null,
  schema: schema(question("masks", { kind: "geometry", level: "frame", geometry: { shapes: ["mask", "contour"], at_most: 6 } })),
  images, patient: { age_band: "", sex: "" },
} as unknown as Assignment;
export const plane = (image_id: string): Plane => ({
  image_id, spacing_mm: [1, 1], spacing_at: "patient", right: "", bottom: "", windows: [], slope: 1, intercept: 0,
  position: memory.placed ? { corner_mm: [0, 0, Number(image_id.slice(-1))], across: [1, 0, 0], down: [0, 1, 0] } : null,
});
/** What the node was told, and whether its images say where they lie. */
export const memory: { sent: { readonly body: unknown }[]; version: number; placed: boolean } = { sent: [], version: 0, placed: false };

function json(body: unknown): Response {
  return new Response(JSON.stringify(body), { status: 200, headers: { "Content-Type": "application/json" } });
}

export function answered(url: string, init?: RequestInit): Response {
  if (url.endsWith("/draft/changes")) {
    memory.sent.push(JSON.parse(init?.body as string) as { readonly body: unknown });
    memory.version += 1;
    return json({ version: memory.version, saved_at: "2026-03-02T09:00:00Z" });
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

export async function opened() {
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

export function film(work: { readonly film: { readonly value: Frame | null } }): Frame {
  if (work.film.value === null) {
    throw new Error("no film");
  }
  return work.film.value;
}

export const PATIENCE_MS = 50_000;
vi.setConfig({ testTimeout: 60_000 });

beforeEach(() => {
  vi.resetModules();
  Object.assign(memory, { sent: [], version: 0, placed: false });
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) => Promise.resolve(answered(url, init)));
});
afterEach(() => {
  vi.unstubAllGlobals();
});
