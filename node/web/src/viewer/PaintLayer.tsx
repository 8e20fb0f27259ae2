/** Masks and the stroke in the making, on a 2-D canvas of the frame's own pixels above it. */
import { useLayoutEffect, useRef } from "preact/hooks";

import type { Lines } from "../model/painted";
import { NOTHING, stretchesOf, withoutStroke, withStroke } from "../model/painted";
import type { Stroke } from "../state/brush";
import { paintedHere, painting, stroke } from "../state/brush";
import { shownMarks } from "../state/drawing";
import { film, isSettled, selected } from "../state/reading";
import { room, sight } from "../state/view";
import { matrixOf } from "./transform";

const OWN = "rgb(127 214 194)";
const OTHER = "rgb(255 212 121)";

export function PaintLayer() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [frame, now, made, own] = [film.value, sight.value, stroke.value, painting.value ? (paintedHere.value?.[0] ?? null) : selected.value];
  const masks = shownMarks.value.flatMap(([name, { shape }]) => (shape.shape === "mask" ? [{ name, lines: shape.lines }] : []));
  const shown = isSettled.value && (masks.length > 0 || made !== null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context == null || !shown) {
      return;
    }
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    for (const { name, lines } of masks) {
      if (name !== own) {
        fill(context, lines, OTHER);
      }
    }
    fill(context, withMade(masks.find(({ name }) => name === own)?.lines ?? NOTHING, made), OWN);
  });
  if (frame === null || now === null || !shown) {
    return null;
  }
  return (
    <canvas
      ref={canvas}
      class="paint"
      aria-hidden="true"
      width={frame.columns}
      height={frame.rows}
      style={{ transform: `matrix(${matrixOf(now, room.value).join(", ")})` }}
    />
  );
}

/** The mask that is painted on as it will be: an eraser takes from no other. */
function withMade(lines: Lines, made: Stroke | null): Lines {
  if (made === null) {
    return lines;
  }
  return made.erases ? withoutStroke(lines, made.lines) : withStroke(lines, made.lines);
}

function fill(context: CanvasRenderingContext2D, lines: Lines, colour: string): void {
  context.fillStyle = colour;
  for (const [row, from, to] of stretchesOf(lines)) {
    context.fillRect(from, row, to - from, 1);
  }
}
