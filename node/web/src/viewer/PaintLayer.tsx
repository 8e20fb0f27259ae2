/** Masks and the stroke in the making, on a 2-D canvas of the frame's own pixels above it. */
import { useLayoutEffect, useRef } from "preact/hooks";

import type { Lines } from "../model/painted";
import { stretchesOf } from "../model/painted";
import { stroke } from "../state/brush";
import { shownMarks } from "../state/drawing";
import { film, isSettled, selected } from "../state/reading";
import { room, sight } from "../state/view";
import { matrixOf } from "./transform";

const OWN = "rgb(127 214 194)";
const OTHER = "rgb(255 212 121)";

export function PaintLayer() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [frame, now, made, own] = [film.value, sight.value, stroke.value, selected.value];
  const masks = shownMarks.value.flatMap(([name, { shape }]) => (shape.shape === "mask" ? [{ name, lines: shape.lines }] : []));
  const shown = isSettled.value && (masks.length > 0 || made !== null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context == null || !shown) {
      return;
    }
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    for (const { name, lines } of masks) {
      fill(context, lines, name === own ? OWN : OTHER);
    }
    if (made !== null) {
      context.globalCompositeOperation = made.erases ? "destination-out" : "source-over";
      fill(context, made.lines, OWN);
      context.globalCompositeOperation = "source-over";
    }
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

function fill(context: CanvasRenderingContext2D, lines: Lines, colour: string): void {
  context.fillStyle = colour;
  for (const [row, from, to] of stretchesOf(lines)) {
    context.fillRect(from, row, to - from, 1);
  }
}
