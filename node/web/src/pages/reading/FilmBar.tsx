/** Buttons for looking: undo and redo, zoom, turn, invert, windows, the lens, which frame of how many and cine. */
import type { JSX } from "preact";
import { useCallback, useState } from "preact/hooks";

import { LEAST_RATE, MOST_RATE, playOrStop, rate, running } from "../../state/cine";
import { canRedo, canUndo, redo, undo } from "../../state/draft";
import { assignment, at, film, goTo, spots } from "../../state/reading";
import { fit, inverted, invert, magnify, magnifying, plane, reset, rotate, useWindow, zoomBy } from "../../state/view";
import { t } from "../../texts";
import type { GreyWindow } from "../../viewer/window";
import { CT_PRESETS, firstWindow, fullWindow, windowOf } from "../../viewer/window";
import { HabitsPart } from "./HabitsPart";
import { keyTitle } from "./KeyHint";
import { letGo } from "./letGo";
import { PatternPart } from "./PatternPart";

const ZOOM = 1.25;

export function FilmBar() {
  return (
    <div class="film-bar" role="toolbar" aria-label={t("view.bar")} onClick={letGo} onChange={letGo}>
      <button type="button" disabled={!canUndo.value} onClick={undo} title="Ctrl+Z">{t("view.undo")}</button>
      <button type="button" disabled={!canRedo.value} onClick={redo} title="Ctrl+Y">{t("view.redo")}</button>
      <button type="button" onClick={() => { zoomBy(1 / ZOOM); }} aria-label={t("view.zoom-out")} title={keyTitle("zoom-out")}>−</button>
      <button type="button" onClick={() => { zoomBy(ZOOM); }} aria-label={t("view.zoom-in")} title={keyTitle("zoom-in")}>+</button>
      <button type="button" onClick={fit} title={keyTitle("fit")}>{t("view.fit")}</button>
      <button type="button" onClick={rotate} title={keyTitle("rotate")}>{t("view.rotate")}</button>
      <button type="button" aria-pressed={inverted.value} onClick={invert} title={keyTitle("invert")}>{t("view.invert")}</button>
      <WindowSelect />
      <button type="button" aria-pressed={magnifying.value} onClick={magnify} title={keyTitle("magnify")}>{t("look.magnify")}</button>
      <button type="button" onClick={reset} title={keyTitle("reset")}>{t("view.reset")}</button>
      {spots.value.length > 1 && <Cine />}
      {spots.value.length > 1 && <Frames />}
      <Opening name={t("habits.open")} part={HabitsPart} />
      <Opening name={t("pattern.open")} part={PatternPart} />
    </div>
  );
}

function Cine() {
  return (
    <span class="frames">
      <button type="button" aria-pressed={running.value} onClick={playOrStop} title={keyTitle("cine")}>
        {running.value ? t("look.stop") : t("look.play")}
      </button>
      <input
        type="range"
        class="rate"
        min={LEAST_RATE}
        max={MOST_RATE}
        value={rate.value}
        aria-label={t("look.rate", { rate: rate.value })}
        title={t("look.rate", { rate: rate.value })}
        onInput={(event) => { rate.value = Number(event.currentTarget.value); }}
      />
    </span>
  );
}

interface OpeningProps {
  readonly name: string;
  readonly part: (props: { readonly close: () => void }) => JSX.Element;
}

function Opening({ name, part: Part }: OpeningProps) {
  const [shown, setShown] = useState(false);
  const close = useCallback(() => { setShown(false); }, []);
  return (
    <>
      <button type="button" aria-haspopup="dialog" aria-expanded={shown} onClick={() => { setShown(true); }}>{name}</button>
      {shown && <Part close={close} />}
    </>
  );
}

function Frames() {
  const count = spots.value.length;
  return (
    <span class="frames">
      <input
        type="range"
        min={1}
        max={count}
        value={at.value + 1}
        aria-label={t("view.frame-choice")}
        onInput={(event) => void goTo(Number(event.currentTarget.value) - 1)}
      />
      {t("view.frame", { number: at.value + 1, count })}
    </span>
  );
}

/** The windows of the header, the usual ones of CT, and the whole range. */
export function WindowSelect() {
  const choices = windows();
  return (
    <select
      aria-label={t("view.window")}
      value=""
      onChange={(event) => {
        useWindow(choices[Number(event.currentTarget.value)]?.window ?? null);
        event.currentTarget.value = "";
        event.currentTarget.blur();
      }}
    >
      <option value="">{t("view.window")}</option>
      {choices.map(({ text }, index) => (
        <option key={text} value={index}>{text}</option>
      ))}
    </select>
  );
}

interface WindowChoice {
  readonly text: string;
  readonly window: GreyWindow;
}

function windows(): readonly WindowChoice[] {
  const [frame, known] = [film.value, plane.value];
  if (frame === null || frame.samples !== 1) {
    return [];
  }
  const whole = { text: t("view.whole-range"), window: fullWindow(frame) };
  if (known === undefined || frame.baked === true) {
    return [frame.baked === true ? { text: t("look.own"), window: firstWindow(frame, known) } : whole];
  }
  const said = known.windows.map(({ centre, width, name }, index) => ({
    text: t("view.header-window", { number: index + 1, name }),
    window: windowOf(centre, width, known),
  }));
  const modality = assignment.value?.images.find(({ image_id }) => image_id === known.image_id)?.modality;
  const presets = (modality === "CT" ? CT_PRESETS : []).map(({ name, centre, width }) => ({
    text: t(`preset.${name}`),
    window: windowOf(centre, width, known),
  }));
  return [...said, ...presets, whole];
}
