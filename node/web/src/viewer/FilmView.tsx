/** One frame on a canvas: drag changes the window, a double click resets it. */
import { useEffect, useRef, useState } from "preact/hooks";

import type { Frame, GreyWindow } from "./window";
import { dragged, fullWindow, toRgba } from "./window";

export function FilmView({ frame, label }: { readonly frame: Frame; readonly label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [window, setWindow] = useState<GreyWindow>(() => fullWindow(frame));

  useEffect(() => {
    setWindow(fullWindow(frame));
  }, [frame]);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    context?.putImageData(new ImageData(toRgba(frame, window), frame.columns, frame.rows), 0, 0);
  }, [frame, window]);

  const move = (event: PointerEvent) => {
    if (event.buttons === 1) {
      setWindow((before) => dragged(before, event.movementX, event.movementY));
    }
  };

  return (
    <canvas
      ref={canvas}
      class="film"
      role="img"
      aria-label={label}
      width={frame.columns}
      height={frame.rows}
      onPointerMove={move}
      onDblClick={() => {
        setWindow(fullWindow(frame));
      }}
    />
  );
}
