/** What pointer, wheel and keys do in a view of a volume: the planes cross elsewhere, or it is looked at otherwise. */
import { dragWindow } from "../state/view";
import type { Point } from "../viewer/transform";
import { pointOf } from "../viewer/pointing";
import { bounded } from "./outline";
import { changed, cross, place, shown, views } from "./state";
import type { View } from "./views";
import { moved, stepOf, stepped } from "./views";

const ZOOM = 1.15;

type Hold = { readonly kind: "cross" } | { readonly kind: "pan" | "window"; readonly from: Point };

let hold: Hold | null = null;

export function down(view: View, event: PointerEvent): void {
  (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  const from = pointOf(event);
  if (event.button === 1) {
    event.preventDefault(); // the browser would scroll
  }
  hold = event.shiftKey || event.button === 1 ? { kind: "pan", from } : event.button === 2 ? { kind: "window", from } : { kind: "cross" };
  if (hold.kind === "cross") {
    crossAt(view, from);
  }
}

export function move(view: View, event: PointerEvent): void {
  const point = pointOf(event);
  if (hold === null) {
    return;
  }
  if (hold.kind === "cross") {
    crossAt(view, point);
    return;
  }
  const [across, down] = [point[0] - hold.from[0], point[1] - hold.from[1]];
  if (hold.kind === "pan") {
    changed((planes) => { planes.pan(view, across, down); });
  } else {
    dragWindow(across, down);
  }
  hold = { ...hold, from: point };
}

export function drop(): void {
  hold = null;
}

/** The wheel turns slices, and zooms with Control. */
export function turn(view: View, event: WheelEvent): void {
  event.preventDefault();
  if (event.ctrlKey) {
    changed((planes) => { planes.zoom(view, event.deltaY < 0 ? ZOOM : 1 / ZOOM); });
  } else if (event.deltaY !== 0) {
    on(view, Math.sign(event.deltaY));
  }
}

/** Arrows move the crossing by a voxel, PgUp and PgDn the slice; these keys mean nothing else while a view has them. */
export function press(view: View, event: KeyboardEvent): void {
  const act = event.isComposing || event.ctrlKey || event.metaKey || event.altKey ? undefined : KEYS[event.code];
  if (act !== undefined) {
    act(view);
    event.preventDefault();
    event.stopPropagation();
  }
}

const KEYS: Readonly<Record<string, (view: View) => void>> = {
  ArrowLeft: (view) => { by(view, [-1, 0]); },
  ArrowRight: (view) => { by(view, [1, 0]); },
  ArrowUp: (view) => { by(view, [0, -1]); },
  ArrowDown: (view) => { by(view, [0, 1]); },
  PageUp: (view) => { on(view, -1); },
  PageDown: (view) => { on(view, 1); },
  Equal: (view) => { zoom(view, ZOOM); },
  NumpadAdd: (view) => { zoom(view, ZOOM); },
  Minus: (view) => { zoom(view, 1 / ZOOM); },
  NumpadSubtract: (view) => { zoom(view, 1 / ZOOM); },
};

function zoom(view: View, factor: number): void {
  changed((planes) => { planes.zoom(view, factor); });
}

/** So many voxels of this volume's shortest side to the right and down. */
function by(view: View, [right, down]: readonly [number, number]): void {
  const outline = shown.peek()?.outline;
  if (outline !== undefined) {
    const voxel = Math.min(...outline.spacing);
    cross(moved(place.peek(), view, [right * voxel, down * voxel], outline));
  }
}

function on(view: View, slices: number): void {
  const outline = shown.peek()?.outline;
  if (outline !== undefined && stepOf(view, outline) > 0) {
    cross(stepped(place.peek(), view, slices, outline));
  }
}

function crossAt(view: View, point: Point): void {
  const [outline, planes] = [shown.peek()?.outline, views.peek()?.planes];
  if (outline !== undefined && planes !== undefined) {
    cross(bounded(planes.place(view, point), outline));
  }
}
