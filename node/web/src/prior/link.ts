/**
 * Which image of an earlier study stands beside the one that is shown. Slices of the same direction go along by their
 * place in mm, the middles of both rows being laid upon each other, since two studies share no origin; films by their
 * view; anything else by its number. Pure.
 */
import type { CaseImage, Plane } from "../model/types";
import type { Vector } from "../volume/outline";
import { dot } from "../volume/outline";

export interface Study {
  readonly images: readonly CaseImage[];
  readonly planes: ReadonlyMap<string, Plane>;
}

interface Slice {
  readonly image: string;
  /** Along the normal, in mm. */
  readonly at: number;
}

/** The image of the earlier study, moved on by `shift` of its images; none where it has none. */
export function beside(own: Study, image: string, before: Study, shift: number): string | null {
  const row = rowOf(own, image);
  const other = row.length > 1 ? likeliest(before, own.planes.get(image)) : [];
  const place = row.find((one) => one.image === image)?.at;
  if (place !== undefined && other.length > 1) {
    const wanted = place - middle(row) + middle(other);
    const nearest = other.reduce((best, { at }, index) => (Math.abs(at - wanted) < Math.abs((other[best]?.at ?? Infinity) - wanted) ? index : best), 0);
    return other[bounded(nearest + shift, other.length)]?.image ?? null;
  }
  const view = own.images.find(({ image_id }) => image_id === image)?.view;
  const same = before.images.findIndex((one) => view !== "" && one.view === view);
  const number = own.images.findIndex(({ image_id }) => image_id === image);
  return before.images[bounded((same < 0 ? number : same) + shift, before.images.length)]?.image_id ?? null;
}

/** The slices of the image's series that lie as it does, in the order of the images. */
function rowOf({ images, planes }: Study, image: string): readonly Slice[] {
  const series = images.find(({ image_id }) => image_id === image)?.series;
  const like = planes.get(image);
  const alike = images.filter((one) => one.series === series && lieAlike(planes.get(one.image_id), like));
  return alike.map(({ image_id }) => ({ image: image_id, at: heightOf(planes.get(image_id)) }));
}

/** Of the rows that lie like an image, the longest. */
function likeliest(study: Study, like: Plane | undefined): readonly Slice[] {
  const firsts = new Map(study.images.filter(({ image_id }) => lieAlike(study.planes.get(image_id), like)).map((one) => [one.series, one.image_id]));
  const rows = [...firsts.values()].map((image) => rowOf(study, image));
  return rows.reduce((longest, row) => (row.length > longest.length ? row : longest), []);
}

function lieAlike(one: Plane | undefined, other: Plane | undefined): boolean {
  return Boolean(one?.position && other?.position) && one?.right === other?.right && one?.bottom === other?.bottom;
}

function heightOf(plane: Plane | undefined): number {
  if (!plane?.position) {
    return 0;
  }
  const { across, down, corner_mm: corner } = plane.position;
  const normal: Vector = [
    across[1] * down[2] - across[2] * down[1],
    across[2] * down[0] - across[0] * down[2],
    across[0] * down[1] - across[1] * down[0],
  ];
  return dot(corner, normal);
}

function middle(row: readonly Slice[]): number {
  const places = row.map(({ at }) => at);
  return (Math.min(...places) + Math.max(...places)) / 2;
}

function bounded(index: number, count: number): number {
  return Math.min(count - 1, Math.max(0, index));
}
