/** Buttons for looking: undo and redo, zoom, turn, invert, windows, and which frame of how many. */
import { canRedo, canUndo, redo, undo } from "../../state/draft";
import { assignment, at, film, goTo, spots } from "../../state/reading";
import { fit, inverted, invert, plane, reset, rotate, useWindow, zoomBy } from "../../state/view";
import { t } from "../../texts";
import type { GreyWindow } from "../../viewer/window";
import { CT_PRESETS, fullWindow, windowOf } from "../../viewer/window";

const ZOOM = 1.25;

export function FilmBar() {
  return (
    <div class="film-bar" role="toolbar" aria-label={t("view.bar")}>
      <button type="button" disabled={!canUndo.value} onClick={undo} title="Ctrl+Z">{t("view.undo")}</button>
      <button type="button" disabled={!canRedo.value} onClick={redo} title="Ctrl+Y">{t("view.redo")}</button>
      <button type="button" onClick={() => { zoomBy(1 / ZOOM); }} aria-label={t("view.zoom-out")} title="−">−</button>
      <button type="button" onClick={() => { zoomBy(ZOOM); }} aria-label={t("view.zoom-in")} title="+">+</button>
      <button type="button" onClick={fit} title="⇧F">{t("view.fit")}</button>
      <button type="button" onClick={rotate} title="⇧R">{t("view.rotate")}</button>
      <button type="button" aria-pressed={inverted.value} onClick={invert} title="⇧I">{t("view.invert")}</button>
      <WindowSelect />
      <button type="button" onClick={reset}>{t("view.reset")}</button>
      {spots.value.length > 1 && <Frames />}
    </div>
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

function WindowSelect() {
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
  if (known === undefined) {
    return [whole];
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
