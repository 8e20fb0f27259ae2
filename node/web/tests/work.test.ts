/** Marks of a case, painted and drawn. */
import { describe, expect, it } from "vitest";

import { question } from "./schema";
import { film, images, memory, opened, plane, sheet } from "./workedCase";

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
    expect(memory.sent.every(({ body }) => JSON.stringify(body).length < 4000)).toBe(true);
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

  it("heeds values, and goes on with the mask in hand", async () => {
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
    work.brush.heeded.value = null;
    work.brush.heedOrNot();
    expect(work.brush.heeded.value).toMatchObject({ low: 31.5 });
    work.brush.heedOrNot();
    expect(work.brush.heeded.value).toBeNull();
  });

  it("stays on its slice while a stroke is made, and stops what runs", async () => {
    const work = await opened();
    const cine = await import("../src/state/cine");
    work.arm(question("masks", sheet.schema.questions[0]), { kind: "mask" });
    cine.playOrStop();
    work.brush.press([30, 30], film(work), false);
    expect(cine.running.value).toBe(false);
    await work.goTo(1);
    expect([work.at.value, work.brush.stroke.value === null]).toEqual([0, false]);
    work.brush.release(film(work));
    expect(work.draft.value.marks.m1?.image_id).toBe("image-1");
    await work.goTo(1);
    expect(work.at.value).toBe(1);
  });

  it("loses a stroke with the brush, and with the image under it", async () => {
    const work = await opened();
    const masks = question("masks", sheet.schema.questions[0]);
    work.arm(masks, { kind: "mask" });
    work.brush.press([30, 30], film(work), false);
    work.cancel();
    expect([work.brush.stroke.value, work.holding.value]).toEqual([null, false]);
    work.arm(masks, { kind: "mask" });
    work.brush.move([40, 40], film(work));
    work.brush.release(film(work));
    expect(work.draft.value.marks).toEqual({});
    work.brush.press([30, 30], film(work), false);
    memory.placed = true;
    work.planes.value = new Map(images.map(({ image_id }) => [image_id, plane(image_id)]));
    expect([work.at.value, work.spot.value?.image, work.brush.stroke.value]).toEqual([0, "image-5", null]);
  });

  it("makes two things of two, also where both were undone", async () => {
    const work = await opened();
    work.arm(question("masks", sheet.schema.questions[0]), { kind: "mask" });
    work.brush.radius.value = 4;
    work.stroke([10, 10]);
    work.brush.beginAnother();
    work.stroke([50, 50]);
    work.undo();
    work.redo();
    work.stroke([50, 54]);
    expect(Object.keys(work.draft.value.marks)).toEqual(["m1", "m2"]);
    work.undo();
    work.undo();
    work.undo();
    expect(work.draft.value.marks).toEqual({});
    work.stroke([10, 10]);
    work.brush.beginAnother();
    work.stroke([50, 50]);
    work.stroke([50, 54]);
    expect(Object.entries(work.draft.value.marks).map(([name, { of }]) => [name, of])).toEqual([["m1", undefined], ["m2", undefined]]);
  });

  it("takes hold of the thing's own mask on each slice, or of none, and paints on what is taken hold of", async () => {
    const work = await opened();
    work.arm(question("masks", sheet.schema.questions[0]), { kind: "mask" });
    work.brush.radius.value = 4;
    work.stroke([10, 10]);
    await work.goTo(1);
    expect(work.selected.value).toBeNull();
    work.stroke([10, 10]);
    work.brush.beginAnother();
    work.stroke([50, 50]);
    await work.goTo(0);
    expect([work.selected.value, work.brush.paintedHere.value]).toEqual([null, null]);
    work.select("m2");
    expect([work.selected.value, work.at.value, work.brush.paintedHere.value?.[0]]).toEqual(["m2", 1, "m2"]);
    await work.goTo(0);
    expect(work.selected.value).toBe("m1");
  });

  it("refuses what the node would not keep, and says so, and still takes away", async () => {
    const work = await opened();
    work.arm(question("masks", sheet.schema.questions[0]), { kind: "mask" });
    work.stroke([20, 20]);
    const points = Array.from({ length: 130_000 }, (): [number, number] => [10, 10]);
    work.change({ ...work.draft.value, marks: { ...work.draft.value.marks, m2: { question: "masks", image_id: "image-1", frame: 1, shape: { shape: "contour", points } } } });
    const before = work.draft.value;
    work.stroke([50, 50]);
    expect([work.draft.value, work.trouble.value]).toEqual([before, "too-large"]);
    work.brush.erasing.value = true;
    work.stroke([20, 20]);
    expect([Object.keys(work.draft.value.marks), work.trouble.value]).toEqual([["m2"], null]);
  });
});

describe("an outline in the making", () => {
  it("is given up when another image stands in its place", async () => {
    const work = await opened();
    work.arm(question("masks", sheet.schema.questions[0]), { kind: "contour" });
    work.draw({ act: "press", at: [10, 10] }, film(work), 1);
    expect(work.tool.value?.sketch.points).toHaveLength(1);
    memory.placed = true;
    work.planes.value = new Map(images.map(({ image_id }) => [image_id, plane(image_id)]));
    expect(work.tool.value?.sketch.points).toEqual([]);
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
