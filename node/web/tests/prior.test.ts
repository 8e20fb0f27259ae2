import { describe, expect, it } from "vitest";

import type { CaseImage, Plane } from "../src/model/types";
import type { Study } from "../src/prior/link";
import { beside } from "../src/prior/link";

function study(name: string, heights: readonly number[], views: readonly string[] = []): Study {
  const images: CaseImage[] = [...heights, ...views].map((one, index) => ({
    image_id: `${name}${index}`, rows: 4, columns: 4, frames: 1, modality: "CT", series: typeof one === "number" ? 1 : 2,
    view: typeof one === "number" ? "" : one,
  }));
  const planes = images.slice(0, heights.length).map((image, index): [string, Plane] => [image.image_id, {
    image_id: image.image_id, spacing_mm: [1, 1], spacing_at: "patient", right: "L", bottom: "P", windows: [], slope: 1, intercept: 0,
    position: { corner_mm: [0, 0, heights[index] ?? 0], across: [1, 0, 0], down: [0, 1, 0] },
  }]);
  return { images, planes: new Map(planes) };
}

describe("an earlier image", () => {
  it("goes along by its place in mm, the middles of both rows upon each other", () => {
    const own = study("o", [0, 2, 4, 6, 8]);
    const before = study("b", [108, 103, 98]);
    expect(["o0", "o1", "o2", "o3", "o4"].map((image) => beside(own, image, before, 0))).toEqual(["b2", "b1", "b1", "b1", "b0"]);
  });

  it("is shifted by so many of the images as they are leafed through, not further than to the end", () => {
    const own = study("o", [0, 2, 4]);
    const before = study("b", [14, 12, 10]);
    expect(beside(own, "o1", before, 1)).toBe("b2");
    expect(beside(own, "o1", before, 9)).toBe("b2");
    expect(beside(own, "o1", before, -9)).toBe("b0");
  });

  it("is of slices that lie alike, of the longest row of them", () => {
    const own = study("o", [0, 2, 4]);
    const other = study("b", [0, 2, 4]);
    const turned = new Map([...other.planes].map(([image, plane]) => [image, { ...plane, bottom: "F" }]));
    expect(beside(own, "o2", { images: other.images, planes: turned }, 0)).toBe("b2");
    expect(beside(own, "o2", { ...study("b", [5, 3], ["PA"]) }, 0)).toBe("b0");
  });

  it("is the film of the same view, or else the one of the same number", () => {
    const own = study("o", [], ["PA", "LL"]);
    expect(beside(own, "o0", study("b", [], ["LL", "PA"]), 0)).toBe("b1");
    expect(beside(own, "o1", study("b", [], ["AP"]), 0)).toBe("b0");
    expect(beside(own, "o1", study("b", [], ["", "AP"]), 0)).toBe("b1");
    expect(beside(own, "o0", study("b", []), 0)).toBeNull();
  });
});
