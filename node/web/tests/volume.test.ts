import { describe, expect, it } from "vitest";

import type { CaseImage, Plane } from "../src/model/types";
import type { Frame } from "../src/viewer/window";
import { areAlike } from "../src/volume/alike";
import type { Outline, Vector } from "../src/volume/outline";
import { bounded, fitsWithin, imageAt, indexOf, middleOf, outlineOf, placeOf } from "../src/volume/outline";
import { moved, sliceAt, stepOf, stepped, VIEWS } from "../src/volume/views";

const AXIAL: readonly [Vector, Vector] = [[1, 0, 0], [0, 1, 0]];

function image(name: string, more: Partial<CaseImage> = {}): CaseImage {
  return { image_id: name, rows: 4, columns: 6, frames: 1, modality: "CT", view: "", series: 1, ...more };
}

function plane(name: string, corner: Vector, [across, down] = AXIAL, more: Partial<Plane> = {}): Plane {
  return {
    image_id: name, spacing_mm: [2, 1], spacing_at: "patient", right: "L", bottom: "P", windows: [], slope: 1, intercept: 0,
    position: { corner_mm: [...corner], across: [...across], down: [...down] },
    ...more,
  };
}

/** Slices at these heights, in this order. */
function stack(heights: readonly number[]): readonly [CaseImage[], Map<string, Plane>] {
  const names = heights.map((_, index) => `s${index}`);
  return [names.map((name) => image(name)), new Map(names.map((name, index) => [name, plane(name, [10, 20, heights[index] ?? 0])]))];
}

function whole(heights: readonly number[] = [0, 3, 6, 9, 12]): Outline {
  const found = outlineOf(...stack(heights), "s0");
  if (typeof found === "string") {
    throw new Error(found);
  }
  return found;
}

describe("slices of a series", () => {
  it("make a volume in their order along the normal, however they came", () => {
    const found = whole([6, 0, 12, 3, 9]);
    expect(found.images).toEqual(["s1", "s3", "s0", "s4", "s2"]);
    expect(found.corner).toEqual([10, 20, 0]);
    expect(found.spacing).toEqual([1, 2, 3]);
    expect(found.axes[2]).toEqual([0, 0, 1]);
  });

  it("may be rounded in their headers, but have no gap, repeat or tilt", () => {
    expect(whole([0, 3.01, 6, 8.99, 12]).images).toHaveLength(5);
    expect(outlineOf(...stack([0, 3, 6, 9, 15]), "s0")).toBe("uneven");
    expect(outlineOf(...stack([0, 3, 3, 6, 9]), "s0")).toBe("uneven");
    expect(outlineOf(...stack([1, 1, 1, 1, 1]), "s0")).toBe("uneven");
    const [images, planes] = stack([0, 3, 6, 9, 12]);
    planes.set("s4", plane("s4", [10, 23, 12]));
    expect(outlineOf(images, planes, "s0")).toBe("uneven");
  });

  it("are of the series that is shown", () => {
    const [images, planes] = stack([0, 3, 6, 9, 12]);
    const scout = image("scout", { series: 2 });
    expect(outlineOf([scout, ...images], planes, "s2")).toMatchObject({ columns: 6, rows: 4 });
    expect(outlineOf([scout, ...images], planes, "scout")).toBe("few");
  });

  it("make none where they are few, nowhere, unlike or too many", () => {
    expect(outlineOf(...stack([0, 3, 6, 9]), "s0")).toBe("few");
    const [images, planes] = stack([0, 3, 6, 9, 12]);
    const with_ = (other: Plane) => outlineOf(images, new Map(planes).set(other.image_id, other), "s0");
    expect(outlineOf(images, new Map(), "s0")).toBe("place");
    expect(with_(plane("s0", [10, 20, 0], AXIAL, { position: null }))).toBe("place");
    expect(with_(plane("s3", [10, 20, 9], AXIAL, { slope: 2 }))).toBe("unlike");
    expect(with_(plane("s3", [10, 20, 9], [[0, 1, 0], [1, 0, 0]]))).toBe("unlike");
    expect(with_(plane("s3", [10, 20, 9], AXIAL, { position: null }))).toBe("unlike");
    const sized = (rows: number, columns: number) => outlineOf(images.map((one) => ({ ...one, rows, columns })), planes, "s0");
    expect(sized(8192, 8192)).toBe("large");
    expect(sized(6144, 6144)).toMatchObject({ rows: 6144 });
  });

  it("have no side longer than a texture may be", () => {
    expect([fitsWithin(whole(), 5), fitsWithin(whole(), 6)]).toEqual([false, true]);
  });

  it("have values that one window shows alike", () => {
    const slice: Frame = { rows: 1, columns: 2, samples: 1, inverted: false, values: Uint16Array.of(1, 2) };
    const alike = (more: Partial<Frame>) => areAlike({ ...slice, ...more }, slice);
    expect(alike({ values: Uint16Array.of(3, 4) })).toBe(true);
    expect(alike({ baked: true })).toBe(false);
    expect(alike({ inverted: true })).toBe(false);
    expect(alike({ samples: 3 })).toBe(false);
    expect(alike({ values: Int16Array.of(1, 2) })).toBe(false);
    expect(alike({ values: Uint16Array.of(1, 2, 3) })).toBe(false);
    const [baked, coloured] = [{ ...slice, baked: true }, { ...slice, samples: 3 }];
    expect([areAlike(baked, baked), areAlike(coloured, coloured)]).toEqual([false, false]);
  });
});

describe("a place in a volume", () => {
  it("is counted in voxels along the axes and back", () => {
    const at = placeOf([2, 1, 3], whole());
    expect(at).toEqual([12, 22, 9]);
    expect(indexOf(at, whole())).toEqual([2, 1, 3]);
  });

  it("stays within, and is of the nearest slice", () => {
    expect(bounded([0, 0, 99], whole())).toEqual([10, 20, 12]);
    expect(imageAt([12, 21, 7.6], whole())).toBe("s3");
    expect(middleOf("s2", whole())).toEqual([12.5, 23, 6]);
  });
});

describe("the three views", () => {
  it("step by a voxel towards feet, back and left, and end where the volume ends", () => {
    expect(VIEWS.map((view) => stepOf(view, whole()))).toEqual([3, 2, 1]);
    expect(stepped([12, 22, 6], "axial", 1, whole())).toEqual([12, 22, 3]);
    expect(stepped([12, 22, 6], "coronal", -1, whole())).toEqual([12, 20, 6]);
    expect(stepped([12, 22, 6], "sagittal", 99, whole())).toEqual([15, 22, 6]);
  });

  it("move right and down as they are seen", () => {
    expect(moved([12, 22, 6], "axial", [1, 2], whole())).toEqual([13, 24, 6]);
    expect(moved([12, 22, 6], "coronal", [1, 3], whole())).toEqual([13, 22, 3]);
    expect(moved([12, 22, 6], "sagittal", [2, 3], whole())).toEqual([12, 24, 3]);
  });

  it("say where a slice is by the side it lies on", () => {
    expect(sliceAt([-5, 7, -12.5], "axial")).toEqual(["F", 12.5]);
    expect(sliceAt([-5, 7, -12.5], "coronal")).toEqual(["P", 7]);
    expect(sliceAt([-5, 7, -12.5], "sagittal")).toEqual(["R", 5]);
  });
});
