/** Leafing through a case: order, cine, and the window that stays. */
import { describe, expect, it, vi } from "vitest";

import { question } from "./schema";
import { answered, memory, opened, PATIENCE_MS, sheet, SLICES } from "./workedCase";

describe("a stack that came from feet to head", () => {
  it("is leafed from head to feet, and opens at its first slice", async () => {
    memory.placed = true;
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

  it("runs once, however often it was stopped and begun while an image was on its way", async () => {
    const work = await opened();
    const cine = await import("../src/state/cine");
    let arrive: () => void = () => undefined;
    const late = new Promise<void>((go) => { arrive = go; });
    vi.stubGlobal("fetch", (url: string, init?: RequestInit) => late.then(() => answered(url, init)));
    vi.useFakeTimers();
    try {
      cine.playOrStop();
      await vi.advanceTimersByTimeAsync(5_000);
      expect([vi.getTimerCount(), work.filmAt.value === work.at.value]).toEqual([0, false]);
      cine.playOrStop();
      cine.playOrStop();
      arrive();
      await vi.advanceTimersByTimeAsync(0);
      expect(vi.getTimerCount()).toBe(1);
      cine.playOrStop();
    } finally {
      vi.useRealTimers();
    }
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
