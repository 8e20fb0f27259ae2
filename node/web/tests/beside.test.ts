/** What stands in the place of the image or beside it, against a node that answers from memory; no browser. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Assignment, CaseImage, Plane } from "../src/model/types";
import { question, schema } from "./schema";

const SLICES = 5;
const PATIENCE_MS = 50_000;
vi.setConfig({ testTimeout: 60_000 });

const stack = (name: string): CaseImage[] => Array.from({ length: SLICES }, (_, at) => ({
  image_id: `${name}${at}`, rows: 8, columns: 8, frames: 1, modality: "CT", view: "", series: 1,
}));
const plane = ({ image_id }: CaseImage): Plane => ({
  image_id, spacing_mm: [1, 1], spacing_at: "patient", right: "L", bottom: "P", windows: [], slope: 1, intercept: 0,
  position: { corner_mm: [0, 0, -Number(image_id.slice(-1))], across: [1, 0, 0], down: [0, 1, 0] },
});
const masks = question("masks", { kind: "geometry", level: "frame", geometry: { shapes: ["mask"], at_most: 6 } });
const sheet = {
  assignment_id: "a", case_id: "c", project_id: "p", state: "held", lease_until: null, guideline: "", rate: null,
  schema: schema(masks), images: stack("own"), patient: { age_band: "", sex: "" },
} as unknown as Assignment;

/** Frames of earlier images wait until they are let go. */
let waiting = new Map<string, () => void>();

function json(body: unknown): Response {
  return new Response(JSON.stringify(body), { status: 200, headers: { "Content-Type": "application/json" } });
}

function film(): Response {
  const headers = { "X-Rows": "8", "X-Columns": "8", "X-Samples": "1", "X-Signed": "false", "X-Photometric": "MONOCHROME2" };
  return new Response(Uint16Array.from({ length: 64 }, (_, at) => at).buffer, { status: 200, headers });
}

function answered(url: string): Response | Promise<Response> {
  const earlier = /prior\/images\/(\w+)\/frames/.exec(url)?.[1];
  if (earlier !== undefined) {
    return new Promise((done) => { waiting.set(earlier, () => { done(film()); }); });
  }
  if (url.endsWith("/draft")) {
    return json({ version: 0, saved_at: null, content: {} });
  }
  if (url.endsWith("/prior")) {
    return json({ days_before: 50, images: stack(""), planes: stack("").map(plane) });
  }
  return url.endsWith("/planes") ? json({ planes: stack("own").map(plane) }) : film();
}

async function opened() {
  const [reading, draft, drawing] = [await import("../src/state/reading"), await import("../src/state/draft"), await import("../src/state/drawing")];
  const [volume, prior, greyscale] = [await import("../src/volume/state"), await import("../src/prior/state"), await import("../src/state/greyscale")];
  const { outlineOf } = await import("../src/volume/outline");
  reading.openCase(sheet);
  await vi.waitFor(() => {
    expect([draft.canWork.value, reading.isSettled.value, reading.planes.value.size, prior.prior.value?.days_before]).toEqual([true, true, SLICES, 50]);
  }, PATIENCE_MS);
  const outline = outlineOf(sheet.images, reading.planes.value, "own0");
  if (typeof outline === "string") {
    throw new Error(outline);
  }
  return { reading, drawing, volume, prior, greyscale, outline };
}

beforeEach(() => {
  vi.resetModules();
  waiting = new Map();
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("fetch", (url: string) => Promise.resolve(answered(url)));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("three planes", () => {
  it("give way to the image at their crossing once a tool is taken", async () => {
    const { reading, drawing, volume, outline } = await opened();
    volume.place.value = [4, 4, -3];
    volume.shown.value = { outline, assignment: "a" };
    drawing.arm(masks, { kind: "mask" });
    expect(volume.shown.value).toBeNull();
    expect([reading.spot.value?.image, drawing.tool.value?.question]).toEqual(["own3", "masks"]);
  });

  it("are gone with the case, and where greys are shown wrongly", async () => {
    const { reading, volume, greyscale, outline } = await opened();
    volume.shown.value = { outline, assignment: "a" };
    greyscale.worst.value = 200;
    expect(volume.shown.value).toBeNull();
    greyscale.worst.value = 0;
    volume.shown.value = { outline, assignment: "a" };
    reading.closeCase();
    expect(volume.shown.value).toBeNull();
  });
});

describe("the words beside an earlier image", () => {
  it("are of the image that is shown while another is on its way", async () => {
    const { reading, prior } = await opened();
    prior.togglePrior();
    const said = () => [prior.priorFilm.value?.image, prior.priorNumber.value.number, prior.priorPlane.value?.image_id];
    expect(said()).toEqual([undefined, 0, undefined]);
    const arrives = async (image: string) => {
      await vi.waitFor(() => { expect(waiting.has(image)).toBe(true); }, PATIENCE_MS);
      waiting.get(image)?.();
      await vi.waitFor(() => { expect(prior.priorFilm.value?.image).toBe(image); }, PATIENCE_MS);
    };
    await arrives("0");
    expect(said()).toEqual(["0", 1, "0"]);
    await reading.goTo(1);
    expect(said()).toEqual(["0", 1, "0"]);
    await arrives("1");
    expect(said()).toEqual(["1", 2, "1"]);
  });
});
