/** What stands around a frame: the letters of its sides, a ruler, and words where the header gives neither. */
import { language } from "../state/session";
import { plane, room, sight } from "../state/view";
import { t } from "../texts";
import { rulerFor } from "../tools/measure";
import { sideLetters } from "./transform";

const RULER_SHARE = 0.25;

export function Surroundings() {
  const now = sight.value;
  if (now === null) {
    return null;
  }
  const [left, top, right, bottom] = sideLetters(plane.value?.right ?? "", plane.value?.bottom ?? "", now.turns);
  return (
    <>
      <span class="side left">{left}</span>
      <span class="side top">{top}</span>
      <span class="side right">{right}</span>
      <span class="side bottom">{bottom}</span>
      <Ruler scale={now.scale} />
    </>
  );
}

function Ruler({ scale }: { readonly scale: number }) {
  const ruler = rulerFor(plane.value?.spacing_mm ?? null, scale, room.value.width * RULER_SHARE);
  if (ruler === null) {
    return <p class="ruler">{t("view.no-scale")}</p>;
  }
  const length = new Intl.NumberFormat(language.value).format(ruler.mm);
  const text = plane.value?.spacing_at === "detector" ? t("view.ruler-detector", { length }) : t("view.ruler", { length });
  return (
    <p class="ruler">
      <svg width={Math.ceil(ruler.pixels) + 2} height={8} aria-hidden="true">
        <path d={`M1 0V7H${(ruler.pixels + 1).toFixed(1)}V0`} />
      </svg>
      {text}
    </p>
  );
}
