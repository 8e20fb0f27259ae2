/**
 * Which images of a case stand together as one volume: slices of one series, alike, in an even row. Pure; lengths in mm,
 * vectors towards the patient's left, back and head. A tilted gantry shears the row, which no rectangular volume shows.
 */
import type { CaseImage, Plane } from "../model/types";

export type Vector = readonly [number, number, number];

export interface Outline {
  /** In their order along `normal`. */
  readonly images: readonly string[];
  readonly columns: number;
  readonly rows: number;
  /** The centre of the first image's upper left pixel. */
  readonly corner: Vector;
  /** Unit vectors: along a row, along a column, from slice to slice. */
  readonly axes: readonly [Vector, Vector, Vector];
  /** Between columns, between rows, between slices. */
  readonly spacing: Vector;
  readonly modality: string;
}

/** Why the images of a series make no volume. */
export type Unfit = "few" | "place" | "unlike" | "uneven" | "large";

const LEAST_SLICES = 5;
/** Of 16 bits each, they are once in Cornerstone's store and once in the texture, which a ward PC may draw without a graphics card. */
const MOST_VOXELS = 192 * 1024 * 1024;
/** Of the step from slice to slice, or of a pixel: what rounding in headers may make. */
const UNEVEN = 0.05;

/** The volume of the series an image is of, or why there is none. */
export function outlineOf(images: readonly CaseImage[], planes: ReadonlyMap<string, Plane>, image: string): Outline | Unfit {
  const series = images.find(({ image_id }) => image_id === image)?.series;
  const slices = images.filter((one) => one.series === series && one.frames === 1);
  const [first] = slices;
  const plane = planes.get(first?.image_id ?? "");
  if (first === undefined || slices.length < LEAST_SLICES) {
    return "few";
  }
  if (!plane?.position || plane.spacing_mm === null) {
    return "place";
  }
  if (first.rows * first.columns * slices.length > MOST_VOXELS) {
    return "large";
  }
  const alike = slices.every((one) => one.rows === first.rows && one.columns === first.columns && same(planes.get(one.image_id), plane));
  return alike ? inOrder(slices, planes, first, plane) : "unlike";
}

function same(one: Plane | undefined, other: Plane): boolean {
  const [own, its] = [numbers(one), numbers(other)];
  return own.length === its.length && own.every((value, index) => Math.abs(value - (its[index] ?? NaN)) < 1e-3);
}

/** What all slices of a volume have in common. */
function numbers(plane: Plane | undefined): readonly number[] {
  const { position, spacing_mm: spacing } = plane ?? {};
  return plane === undefined || !position || !spacing ? [] : [...position.across, ...position.down, ...spacing, plane.slope, plane.intercept];
}

function inOrder(slices: readonly CaseImage[], planes: ReadonlyMap<string, Plane>, like: CaseImage, { position, spacing_mm }: Plane): Outline | Unfit {
  if (!position || spacing_mm === null) {
    return "place";
  }
  const normal = cross(position.across, position.down);
  const corners = slices.map(({ image_id }) => ({ image_id, at: planes.get(image_id)?.position?.corner_mm ?? position.corner_mm }));
  const row = corners.sort((one, other) => dot(one.at, normal) - dot(other.at, normal));
  const [start, end] = [row[0]?.at ?? position.corner_mm, row.at(-1)?.at ?? position.corner_mm];
  const step = (dot(end, normal) - dot(start, normal)) / (row.length - 1);
  const slack = UNEVEN * Math.min(step, ...spacing_mm);
  const even = row.every(({ at }, index) => length(minus(at, plus(start, normal, step * index))) <= Math.max(slack, 0.01));
  if (step <= 0.01 || !even) {
    return "uneven";
  }
  return {
    images: row.map(({ image_id }) => image_id),
    columns: like.columns,
    rows: like.rows,
    corner: start,
    axes: [position.across, position.down, normal],
    spacing: [spacing_mm[1], spacing_mm[0], step],
    modality: like.modality,
  };
}

/** Whether no side of the volume is longer than a texture may be. */
export function fitsWithin({ columns, rows, images }: Outline, mostSide: number): boolean {
  return Math.max(columns, rows, images.length) <= mostSide;
}

/** Where a voxel lies, counted from 0 along the three axes; fractions lie between voxels. */
export function placeOf(index: Vector, { corner, axes, spacing }: Outline): Vector {
  return axes.reduce<Vector>((at, axis, which) => plus(at, axis, (index[which] ?? 0) * (spacing[which] ?? 1)), corner);
}

/** The voxel that a place is of, in fractions. */
export function indexOf(place: Vector, { corner, axes, spacing }: Outline): Vector {
  const from = minus(place, corner);
  return [dot(from, axes[0]) / spacing[0], dot(from, axes[1]) / spacing[1], dot(from, axes[2]) / spacing[2]];
}

/** The nearest place within the volume. */
export function bounded(place: Vector, outline: Outline): Vector {
  const most = [outline.columns, outline.rows, outline.images.length];
  const [x, y, z] = indexOf(place, outline).map((value, which) => Math.min((most[which] ?? 1) - 1, Math.max(0, value)));
  return placeOf([x ?? 0, y ?? 0, z ?? 0], outline);
}

/** The image whose slice is nearest to a place. */
export function imageAt(place: Vector, outline: Outline): string | undefined {
  return outline.images[Math.round(indexOf(bounded(place, outline), outline)[2])];
}

/** The middle of the slice that an image is. */
export function middleOf(image: string, outline: Outline): Vector {
  const slice = Math.max(0, outline.images.indexOf(image));
  return placeOf([(outline.columns - 1) / 2, (outline.rows - 1) / 2, slice], outline);
}

export function plus(one: Vector, direction: Vector, by: number): Vector {
  return [one[0] + direction[0] * by, one[1] + direction[1] * by, one[2] + direction[2] * by];
}

export function minus(one: Vector, other: Vector): Vector {
  return plus(one, other, -1);
}

export function dot(one: Vector, other: Vector): number {
  return one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
}

function length(one: Vector): number {
  return Math.sqrt(dot(one, one));
}

function cross(one: Vector, other: Vector): Vector {
  return [one[1] * other[2] - one[2] * other[1], one[2] * other[0] - one[0] * other[2], one[0] * other[1] - one[1] * other[0]];
}
