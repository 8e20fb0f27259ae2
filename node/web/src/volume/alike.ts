/** Whether slices may stand in one volume as far as their values go. Pure. */
import type { Frame } from "../viewer/window";

/** A slice is not as the first one was, or is none that a volume can show. */
export class UnlikeSlice extends Error {}

/**
 * True where one window means the same grey in both: stored values of one kind and number. Values that the node laid a
 * curve over are each stretched by their own, and colours have no window.
 */
export function areAlike(one: Frame, like: Frame): boolean {
  const grey = one.samples === 1 && like.samples === 1;
  const stored = one.baked !== true && like.baked !== true;
  const { values, inverted } = one;
  return grey && stored && inverted === like.inverted && values.constructor === like.values.constructor && values.length === like.values.length;
}
