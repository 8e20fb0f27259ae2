/** An earlier image of the patient beside the one that is read: it follows it, and the wheel shifts it alone. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { sentence } from "../pages/loading";
import { isWrong } from "../state/greyscale";
import { inverted } from "../state/view";
import { t } from "../texts";
import type { Size } from "../viewer/transform";
import { cssMatrix, fitted, sideLetters } from "../viewer/transform";
import type { Frame } from "../viewer/window";
import { toRgba } from "../viewer/window";
import { isShown, prior, priorFilm, priorGreys, priorNumber, priorPlane, priorTrouble, shiftPrior, togglePrior } from "./state";

/** Nothing where the patient has no earlier images here. */
export function PriorButton() {
  return prior.value === null ? null : (
    <button type="button" aria-pressed={isShown.value} onClick={togglePrior}>{t("prior.open")}</button>
  );
}

/** Nothing where greys are shown wrongly. */
export function PriorRoom() {
  return isWrong.value ? null : <Room />;
}

function Room() {
  const place = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = place.current;
    const observer = new ResizeObserver(() => { setRoom({ width: element?.clientWidth ?? 0, height: element?.clientHeight ?? 0 }); });
    if (element !== null) {
      observer.observe(element);
    }
    return () => { observer.disconnect(); };
  }, []);
  useEffect(() => {
    const element = place.current;
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      shiftPrior(Math.sign(event.deltaY));
    };
    element?.addEventListener("wheel", turn, { passive: false });
    return () => { element?.removeEventListener("wheel", turn); };
  }, []);
  const [left, top, right, bottom] = sideLetters(priorPlane.value?.right ?? "", priorPlane.value?.bottom ?? "", 0);
  return (
    <div ref={place} class="film-room prior-room" data-image={priorFilm.value?.image ?? ""}>
      {priorFilm.value !== null && room.width > 0 && <PriorFilm frame={priorFilm.value.frame} room={room} />}
      <span class="side left">{left}</span>
      <span class="side top">{top}</span>
      <span class="side right">{right}</span>
      <span class="side bottom">{bottom}</span>
      {priorFilm.value !== null && <p class="prior-name">{t("prior.name", { days: prior.value?.days_before ?? 0, ...priorNumber.value })}</p>}
      {priorTrouble.value !== null && <p class="film-state trouble" role="alert">{sentence(priorTrouble.value)}</p>}
    </div>
  );
}

function PriorFilm({ frame, room }: { readonly frame: Frame; readonly room: Size }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [window, dark, [down, across]] = [priorGreys.value, inverted.value, priorPlane.value?.spacing_mm ?? [1, 1]];
  useLayoutEffect(() => {
    if (window !== null) {
      canvas.current?.getContext("2d")?.putImageData(new ImageData(toRgba(frame, window, dark), frame.columns, frame.rows), 0, 0);
    }
  }, [frame, window, dark]);
  const sight = fitted({ width: frame.columns, height: frame.rows }, room, 0, down / across);
  return (
    <canvas
      ref={canvas}
      class="film"
      role="img"
      aria-label={t("prior.film")}
      width={frame.columns}
      height={frame.rows}
      style={{ transform: cssMatrix(sight, room) }}
    />
  );
}
