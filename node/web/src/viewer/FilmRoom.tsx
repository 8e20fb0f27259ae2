/** One frame on a 2-D canvas with its marks above it, without WebGL: drag changes the window or a mark, or draws. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { tool } from "../state/drawing";
import { isWrong } from "../state/greyscale";
import { at, film, filmAt, goTo, spots } from "../state/reading";
import { greys, inverted, room, sight, zoomBy } from "../state/view";
import { Magnifier } from "./Magnifier";
import { Marks } from "./Marks";
import { PaintLayer } from "./PaintLayer";
import { down, drop, leave, move, pointOf, twice, up } from "./pointing";
import { Surroundings } from "./Surroundings";
import { cssMatrix } from "./transform";
import type { Frame } from "./window";
import { toRgba } from "./window";

const WHEEL_ZOOM = 1.15;

export function FilmRoom({ label }: { readonly label: string }) {
  const place = useRef<HTMLDivElement>(null);
  useRoom(place);
  useWheel(place);

  const state = film.value === null || sight.value === null ? "loading" : tool.value === null ? "ready" : "drawing";
  return (
    <div
      ref={place}
      class="film-room"
      data-state={state}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={drop}
      onPointerLeave={leave}
      onContextMenu={(event) => { event.preventDefault(); }}
      onDblClick={twice}
    >
      {film.value !== null && sight.value !== null && <Film frame={film.value} label={label} />}
      <PaintLayer />
      <Marks />
      <Surroundings />
      <Magnifier />
    </div>
  );
}

function Film({ frame, label }: { readonly frame: Frame; readonly label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [window, dark] = [greys.value, inverted.value];
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (window !== null) {
      context?.putImageData(new ImageData(toRgba(frame, window, dark), frame.columns, frame.rows), 0, 0);
    }
  }, [frame, window, dark]);
  return (
    <canvas
      ref={canvas}
      class={isWrong.value ? "film wrong" : "film"}
      role="img"
      aria-label={label}
      data-spot={(filmAt.value ?? 0) + 1}
      width={frame.columns}
      height={frame.rows}
      style={sight.value === null ? {} : { transform: cssMatrix(sight.value, room.value) }}
    />
  );
}

/** The room is as large as its place on the page. */
function useRoom(place: { readonly current: HTMLDivElement | null }): void {
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) {
      return;
    }
    const measure = () => {
      room.value = { width: element.clientWidth, height: element.clientHeight };
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => {
      observer.disconnect();
    };
  }, [place]);
}

/** The wheel turns the pages of a stack, and zooms where there is one frame, or with Control. */
function useWheel(place: { readonly current: HTMLDivElement | null }): void {
  useEffect(() => {
    const element = place.current;
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      if (event.ctrlKey || spots.value.length === 1) {
        zoomBy(event.deltaY < 0 ? WHEEL_ZOOM : 1 / WHEEL_ZOOM, pointOf(event));
      } else if (event.deltaY !== 0) {
        void goTo(at.value + Math.sign(event.deltaY));
      }
    };
    element?.addEventListener("wheel", turn, { passive: false });
    return () => {
      element?.removeEventListener("wheel", turn);
    };
  }, [place]);
}

