/** What stands around a frame: the letters of its sides, a ruler, which slice it is, and words where the header is silent. */
import { at, film, spots } from "../state/reading";
import { language } from "../state/session";
import { plane, room, sight } from "../state/view";
import { t } from "../texts";
import { rulerFor } from "../tools/measure";
import { sliceMm } from "./slice";
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
      <p class="slice">{sliceWords()}</p>
    </>
  );
}

/** Which of how many, where in space, and that the node laid the image's own transformation over it. */
function sliceWords(): string {
  const millimetres = sliceMm(plane.value?.position ?? null);
  const number = new Intl.NumberFormat(language.value, { maximumFractionDigits: 1 });
  return [
    spots.value.length > 1 ? t("view.frame", { number: at.value + 1, count: spots.value.length }) : "",
    millimetres === null ? "" : t("look.slice", { position: number.format(millimetres) }),
    film.value?.baked === true ? t("look.baked") : "",
  ]
    .filter((part) => part !== "")
    .join(" · ");
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
