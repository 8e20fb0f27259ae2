/** Marks and the shape in the making as lines above the frame, in room pixels so that they stay thin at every zoom. */
import { signal } from "@preact/signals";

import type { Shape } from "../model/types";
import { erasing, hovering, painting, radius } from "../state/brush";
import { canWork, draft } from "../state/draft";
import { shownMarks, tool } from "../state/drawing";
import { assignment, isSettled, selected } from "../state/reading";
import { language } from "../state/session";
import { plane, room, sight } from "../state/view";
import { say } from "../texts";
import { preview } from "../tools/drawing";
import { handlesOf, outlineOf } from "../tools/shapes";
import { measureText } from "./measureText";
import type { Point, Sight } from "./transform";
import { toRoom } from "./transform";

/** The mark that is being dragged, as it would be if it were let go. */
export const moving = signal<{ readonly name: string; readonly shape: Shape } | null>(null);

const POINT_RADIUS = 5;

export function Marks() {
  const now = sight.value;
  if (now === null || !isSettled.value) {
    return null;
  }
  return (
    <svg class="marks" aria-hidden="true">
      {shownMarks.value.map(([name, mark]) => (
        <Outline key={name} name={name} shape={moving.value?.name === name ? moving.value.shape : mark.shape} sight={now} />
      ))}
      <Making sight={now} />
      <Brush sight={now} />
    </svg>
  );
}

interface OutlineProps {
  readonly name: string;
  readonly shape: Shape;
  readonly sight: Sight;
}

function Outline({ name, shape, sight: now }: OutlineProps) {
  const own = selected.value === name;
  const { points, closed } = outlineOf(shape);
  const shown = points.map((point) => toRoom(point, now, room.value));
  const [first] = shown;
  if (first === undefined) {
    return null;
  }
  const measure = measureText(shape, plane.value?.spacing_mm ?? null, language.value);
  return (
    <g class={own ? "mark own" : "mark"} data-mark={name}>
      {shape.shape === "mask" ? null : shown.length === 1 ? <circle cx={first[0]} cy={first[1]} r={POINT_RADIUS} /> : <path d={pathOf(shown, closed)} />}
      {own && canWork.value && handlesOf(shape).map((point, index) => <Handle key={index} at={toRoom(point, now, room.value)} />)}
      <text x={first[0] + 8} y={first[1] - 8}>
        {[name.slice(1), labelOf(name), measure].filter((part) => part !== "").join(" · ")}
      </text>
    </g>
  );
}

/** What the mark is of, in the page's language; "" where its question has no options. */
function labelOf(name: string): string {
  const mark = draft.value.marks[name];
  const question = assignment.value?.schema.questions.find(({ code }) => code === mark?.question);
  const option = question?.options.find(({ code }) => code === mark?.label);
  return option === undefined ? "" : say(option.text, language.value);
}

function Handle({ at: [x, y] }: { readonly at: Point }) {
  return <rect class="handle" x={x - 4} y={y - 4} width={8} height={8} />;
}

function Making({ sight: now }: { readonly sight: Sight }) {
  const made = tool.value?.sketch;
  if (made === undefined) {
    return null;
  }
  const shape = preview(made);
  const { points, closed } = isShape(shape) ? outlineOf(shape) : { points: shape, closed: false };
  const shown = points.map((point) => toRoom(point, now, room.value));
  return (
    <g class="mark making">
      <path d={pathOf(shown, closed)} />
      {made.kind === "polygon" && made.points.map((point, index) => <Handle key={index} at={toRoom(point, now, room.value)} />)}
    </g>
  );
}

/** The brush as large as it paints. */
function Brush({ sight: now }: { readonly sight: Sight }) {
  const place = painting.value ? hovering.value : null;
  if (place === null) {
    return null;
  }
  const [x, y] = toRoom(place, now, room.value);
  const [across, down] = [radius.value * now.scale, radius.value * now.scale * (now.stretch ?? 1)];
  const [rx, ry] = now.turns % 2 === 0 ? [across, down] : [down, across];
  return <ellipse class={erasing.value ? "brush erases" : "brush"} cx={x} cy={y} rx={rx} ry={ry} />;
}

function isShape(value: Shape | readonly Point[]): value is Shape {
  return !Array.isArray(value);
}

function pathOf(points: readonly Point[], closed: boolean): string {
  const line = points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  return closed && line !== "" ? `${line}Z` : line;
}
