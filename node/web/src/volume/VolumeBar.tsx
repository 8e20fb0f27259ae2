/** Other ways to look: three planes in the place of the image, with what can be done in them, and earlier images. */
import { PriorButton } from "../prior/PriorRoom";
import { prior } from "../prior/state";
import { isWrong } from "../state/greyscale";
import { invert, inverted, useWindow } from "../state/view";
import { t } from "../texts";
import { WindowSelect } from "../pages/reading/FilmBar";
import { changed, fitAgain, hasSlices, hindrance, shown, toggle } from "./state";
import { VIEWS } from "./views";

const ZOOM = 1.25;

/** Nothing where the case has no slices and the patient no earlier images, or where greys are shown wrongly. */
export function VolumeSwitch() {
  if (isWrong.value || (!hasSlices.value && prior.value === null)) {
    return null;
  }
  return (
    <div class="film-bar volume-switch">
      {hasSlices.value && <button type="button" aria-pressed={shown.value !== null} onClick={toggle}>{t("volume.open")}</button>}
      {shown.value === null && <PriorButton />}
      {shown.value !== null && <VolumeActs />}
      {hindrance.value !== null && <p class="warning" role="status">{t(hindrance.value)}</p>}
      {shown.value !== null && <p class="hint">{t("volume.keys")}</p>}
    </div>
  );
}

function VolumeActs() {
  return (
    <>
      <button type="button" onClick={() => { zoom(1 / ZOOM); }} aria-label={t("view.zoom-out")}>−</button>
      <button type="button" onClick={() => { zoom(ZOOM); }} aria-label={t("view.zoom-in")}>+</button>
      <button type="button" onClick={fitAgain}>{t("view.fit")}</button>
      <button type="button" aria-pressed={inverted.value} onClick={invert}>{t("view.invert")}</button>
      <WindowSelect />
      <button type="button" onClick={startAgain}>{t("view.reset")}</button>
    </>
  );
}

function zoom(factor: number): void {
  changed((planes) => { VIEWS.forEach((view) => { planes.zoom(view, factor); }); });
}

/** The window and the views as they were opened. */
function startAgain(): void {
  useWindow(null);
  inverted.value = false;
  fitAgain();
}
