/** The three planes a volume is looked at through, how a place moves in them, and where it is in words. Pure; mm. */
import type { Outline, Vector } from "./outline";
import { bounded, dot, plus } from "./outline";

export const VIEWS = ["axial", "coronal", "sagittal"] as const;
export type View = (typeof VIEWS)[number];

interface Sides {
  /** Where the right and the lower edge of the picture lie in the patient. */
  readonly right: Vector;
  readonly down: Vector;
  /** From slice to slice: towards the feet, the back, the left, as an image is leafed through. */
  readonly on: Vector;
  /** At the left, top, right and bottom. */
  readonly letters: readonly [string, string, string, string];
}

/** As radiologists look: from the feet, from the front, from the left. */
export const SIDES: Readonly<Record<View, Sides>> = {
  axial: { right: [1, 0, 0], down: [0, 1, 0], on: [0, 0, -1], letters: ["R", "A", "L", "P"] },
  coronal: { right: [1, 0, 0], down: [0, 0, -1], on: [0, 1, 0], letters: ["R", "H", "L", "F"] },
  sagittal: { right: [0, 1, 0], down: [0, 0, -1], on: [1, 0, 0], letters: ["A", "H", "P", "F"] },
};

/** The thickness of a slice of this view: a voxel along the way from slice to slice. */
export function stepOf(view: View, { axes, spacing }: Outline): number {
  const { on } = SIDES[view];
  const [x, y, z] = [Math.abs(dot(axes[0], on)), Math.abs(dot(axes[1], on)), Math.abs(dot(axes[2], on))];
  return x * spacing[0] + y * spacing[1] + z * spacing[2];
}

/** So many slices on, within the volume. */
export function stepped(place: Vector, view: View, slices: number, outline: Outline): Vector {
  return bounded(plus(place, SIDES[view].on, slices * stepOf(view, outline)), outline);
}

/** Moved in the view by so many mm to the right and down, within the volume. */
export function moved(place: Vector, view: View, [right, down]: readonly [number, number], outline: Outline): Vector {
  return bounded(plus(plus(place, SIDES[view].right, right), SIDES[view].down, down), outline);
}

/** Which slice of the view, as a side and how far towards it in mm: `["H", 12.5]`. */
export function sliceAt(place: Vector, view: View): readonly [string, number] {
  const far = dot(place, SIDES[view].on);
  const [towards, from] = { axial: ["F", "H"], coronal: ["P", "A"], sagittal: ["L", "R"] }[view];
  return [(far < 0 ? from : towards) ?? "", Math.abs(far)];
}

/** The views whose planes are seen as the upright and as the level line of a view. */
export function linesOf(view: View): readonly [upright: View, level: View] {
  switch (view) {
    case "axial":
      return ["sagittal", "coronal"];
    case "coronal":
      return ["sagittal", "axial"];
    case "sagittal":
      return ["coronal", "axial"];
  }
}
