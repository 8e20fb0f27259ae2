/** A lens at the pointer: the image under it, larger, through the same window; none of an image whose greys are wrong. */
import { useLayoutEffect, useRef } from "preact/hooks";

import { isWrong } from "../state/greyscale";
import { film } from "../state/reading";
import { greys, inverted, magnifying, pointer, room, sight } from "../state/view";
import { matrixOf } from "./transform";

const SIZE = 220;
const TIMES = 2.5;

export function Magnifier() {
  const lens = useRef<HTMLCanvasElement>(null);
  const [now, at, on] = [sight.value, pointer.value, magnifying.value && !isWrong.value];
  const looks = [film.value, greys.value, inverted.value];
  useLayoutEffect(() => {
    const context = lens.current?.getContext("2d");
    const source = lens.current?.parentElement?.querySelector<HTMLCanvasElement>("canvas.film");
    if (context == null || source == null || now === null || at === null) {
      return;
    }
    const [a, b, c, d, e, f] = matrixOf(now, room.value).map((part) => part * TIMES) as [number, number, number, number, number, number];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, SIZE, SIZE);
    context.setTransform(a, b, c, d, e - at[0] * TIMES + SIZE / 2, f - at[1] * TIMES + SIZE / 2);
    context.drawImage(source, 0, 0);
  }, [now, at, on, ...looks]);
  if (!on || at === null || now === null) {
    return null;
  }
  return (
    <canvas
      ref={lens}
      class="lens"
      aria-hidden="true"
      width={SIZE}
      height={SIZE}
      style={{ left: `${at[0] - SIZE / 2}px`, top: `${at[1] - SIZE / 2}px` }}
    />
  );
}
