/** The brush in hand: how large, whether it erases, which values it heeds, and whether the next stroke is another thing. */
import { beginAnother, erasing, heeded, heedOrNot, radius } from "../../state/brush";
import { film } from "../../state/reading";
import { plane } from "../../state/view";
import { t } from "../../texts";
import type { Range } from "../../tools/brush";
import { LEAST_RADIUS } from "../../tools/brush";
import { KeyHint } from "./KeyHint";
import { letGo } from "./letGo";

/** The slider's end; keys go further. */
const SLIDER_RADIUS = 64;

export function BrushField() {
  return (
    <div class="brush-field" role="group" aria-label={t("brush.title")} onClick={letGo} onChange={letGo}>
      <label>
        <KeyHint command="brush-smaller" /> <KeyHint command="brush-larger" /> {t("brush.size", { size: 2 * radius.value })}
        <input
          type="range"
          min={2 * LEAST_RADIUS}
          max={2 * SLIDER_RADIUS}
          value={Math.min(2 * SLIDER_RADIUS, 2 * radius.value)}
          onInput={(event) => { radius.value = Number(event.currentTarget.value) / 2; }}
        />
      </label>
      <div class="actions">
        <button type="button" class="tool" aria-pressed={erasing.value} onClick={() => { erasing.value = !erasing.value; }}>
          <KeyHint command="brush-erase" /> {t("brush.erase")}
        </button>
        <button type="button" class="tool" aria-pressed={heeded.value !== null} disabled={film.value?.samples !== 1} onClick={heedOrNot}>
          <KeyHint command="brush-range" /> {t("brush.range")}
        </button>
        <button type="button" class="tool" onClick={beginAnother}>{t("brush.another")}</button>
      </div>
      {heeded.value !== null && <RangeField range={heeded.value} />}
    </div>
  );
}

function RangeField({ range }: { readonly range: Range }) {
  const { slope, intercept } = film.value?.baked === true ? STORED : (plane.value ?? STORED);
  const shown = (value: number) => Math.round((value * slope + intercept) * 10) / 10;
  const stored = (typed: string) => (Number(typed) - intercept) / slope;
  const field = (name: "low" | "high", label: string) => (
    <input
      type="number"
      step="any"
      aria-label={label}
      value={shown(range[name])}
      onChange={(event) => {
        if (event.currentTarget.value !== "") {
          heeded.value = { ...range, [name]: stored(event.currentTarget.value) };
        }
      }}
    />
  );
  return (
    <p class="number" onKeyDown={ofTheField}>
      {field("low", t("brush.from"))} {t("brush.to")} {field("high", t("brush.up-to"))}
    </p>
  );
}

const STORED = { slope: 1, intercept: 0 };

/** A key there is the field's and means nothing to the page; Enter and Esc leave the field with what was typed. */
function ofTheField(event: KeyboardEvent): void {
  event.stopPropagation();
  if (!event.isComposing && ["Enter", "NumpadEnter", "Escape"].includes(event.code) && event.target instanceof HTMLElement) {
    event.preventDefault();
    event.target.blur();
  }
}
