/** Where a slice lies along the normal of its plane, and the order of a stack. Pure geometry. */
import type { CaseImage, Plane } from "../model/types";

type Position = NonNullable<Plane["position"]>;

/** Millimetres along the normal from the origin of the scanner's space; none where the header does not place the image. */
export function sliceMm(position: Plane["position"]): number | null {
  if (position === null) {
    return null;
  }
  const normal = normalOf(position);
  return position.corner_mm.reduce((sum, part, axis) => sum + part * (normal[axis] ?? 0), 0);
}

function normalOf({ across: a, down: d }: Position): readonly number[] {
  return [a[1] * d[2] - a[2] * d[1], a[2] * d[0] - a[0] * d[2], a[0] * d[1] - a[1] * d[0]];
}

/** How far the cosines of two slices of one stack may be apart. */
const PARALLEL = 0.01;
const HEAD_AXIS = 2;

/**
 * The images of a case, those of a series in the order in which they lie: from head to feet, front to back, right to left.
 * A series that is no stack, since an image is nowhere or lies across, has frames or comes twice, stays as it came.
 */
export function inSpace(images: readonly CaseImage[], planes: ReadonlyMap<string, Plane>): readonly CaseImage[] {
  const series = [...new Set(images.map((image) => image.series))];
  return series.flatMap((one) => stacked(images.filter((image) => image.series === one), planes));
}

function stacked(images: readonly CaseImage[], planes: ReadonlyMap<string, Plane>): readonly CaseImage[] {
  const placed = images.map((image) => ({ image, position: planes.get(image.image_id)?.position ?? null }));
  const first = placed[0]?.position ?? null;
  const places = placed.map(({ position }) => sliceMm(position));
  const apart = new Set(places).size === places.length;
  if (first === null || !apart || placed.some(({ image, position }) => image.frames > 1 || position === null || !alike(position, first))) {
    return images;
  }
  const normal = normalOf(first);
  const axis = [0, 1, 2].reduce((most, one) => (Math.abs(normal[one] ?? 0) > Math.abs(normal[most] ?? 0) ? one : most), 0);
  const way = ((normal[axis] ?? 0) < 0 ? -1 : 1) * (axis === HEAD_AXIS ? -1 : 1);
  return placed
    .map(({ image }, at) => ({ image, place: way * (places[at] ?? 0) }))
    .sort((one, other) => one.place - other.place)
    .map(({ image }) => image);
}

function alike(one: Position, other: Position): boolean {
  return [...one.across, ...one.down].every((cosine, at) => Math.abs(cosine - ([...other.across, ...other.down][at] ?? 0)) < PARALLEL);
}
