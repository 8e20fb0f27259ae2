/** The marks of a geometry question: which shape is drawn next, and every mark with its measure, its kind and a way to delete it. */
import { marksOf, thingOf } from "../../model/draft";
import type { DrawnMark } from "../../model/draft";
import { TOOL_KEYS } from "../../model/keys";
import type { Question, ShapeKind } from "../../model/types";
import { canFill, fillBetween } from "../../state/between";
import { canWork, draft } from "../../state/draft";
import { arm, cancel, relabel, remove, select, shapeOf, shapesOf, tool, trouble } from "../../state/drawing";
import { current, planes, spots, selected } from "../../state/reading";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import { measureText } from "../../viewer/measureText";
import { BrushField } from "./BrushField";
import { RegionValues } from "./RegionValues";

export function MarksField({ question }: { readonly question: Question }) {
  const marks = marksOf(draft.value, question.code);
  const here = current.value?.question.code === question.code;
  const armed = tool.value?.question === question.code;
  return (
    <>
      <div class="tools" role="group" aria-label={t("mark.tools")}>
        {shapesOf(question).map((kind) => (
          <ToolButton key={kind} question={question} kind={kind} />
        ))}
      </div>
      {armed && <p class="hint" role="status">{t(`draw.${tool.value?.sketch.kind ?? "box"}` as const)}</p>}
      {armed && tool.value?.sketch.kind === "mask" && <BrushField />}
      {here && trouble.value !== null && <p class="fault" role="alert">{t(`mark.${trouble.value}`)}</p>}
      <ul class="marks-list">
        {marks.map(([name, mark]) => (
          <MarkRow key={name} name={name} mark={mark} question={question} />
        ))}
      </ul>
      {marks.some(([name]) => name === selected.value) && canFill() && (
        <button type="button" onClick={fillBetween}>{t("brush.fill-between")}</button>
      )}
    </>
  );
}

function ToolButton({ question, kind }: { readonly question: Question; readonly kind: ShapeKind }) {
  const inHand = tool.value?.question === question.code && tool.value.sketch.kind === kind;
  return (
    <button
      type="button"
      class="tool"
      aria-pressed={inHand || (question.options.length > 0 && shapeOf(question) === kind)}
      onClick={(event) => {
        if (inHand) {
          cancel();
        } else {
          arm(question, { kind });
        }
        event.currentTarget.blur();
      }}
    >
      <kbd>⇧{TOOL_KEYS[kind] ?? ""}</kbd> {t(`shape.${kind}`)}
    </button>
  );
}

interface RowProps {
  readonly name: string;
  readonly mark: DrawnMark;
  readonly question: Question;
}

function MarkRow({ name, mark, question }: RowProps) {
  const number = name.slice(1);
  const own = selected.value === name;
  return (
    <li class={own ? "own" : ""} data-mark-row={name}>
      <button type="button" class="quiet" aria-pressed={own} aria-label={t("mark.select", { number })} onClick={() => { select(name); }}>
        {number} {t(`shape.${mark.shape.shape}`)}{" "}
        {measureText(mark.shape, planes.value.get(mark.image_id)?.spacing_mm ?? null, language.value)}
        {spots.value.length > 1 && <span class="soft"> {t("mark.on", { frame: spotNumber(mark) })}</span>}
      </button>
      {question.options.length > 0 && <LabelSelect name={name} mark={mark} question={question} />}
      {own && <RegionValues mark={mark} />}
      {own && shapesOf(question).length > 0 && (
        <button type="button" class="quiet" onClick={() => { again(question, name, mark); }}>{t("mark.another")}</button>
      )}
      <button type="button" class="quiet" disabled={!canWork.value} aria-label={t("mark.delete", { number })} onClick={() => { remove(name); }}>
        ✕
      </button>
    </li>
  );
}

function LabelSelect({ name, mark, question }: RowProps) {
  return (
    <select
      aria-label={t("mark.label", { number: name.slice(1) })}
      value={mark.label ?? ""}
      onChange={(event) => { relabel(name, event.currentTarget.value); }}
    >
      {question.options.map(({ code, text }) => (
        <option key={code} value={code}>
          {say(text, language.value)}
        </option>
      ))}
    </select>
  );
}

function again(question: Question, name: string, mark: DrawnMark): void {
  arm(question, { of: thingOf(name, mark), ...(mark.label === undefined ? {} : { label: mark.label }) });
}

function spotNumber({ image_id, frame }: DrawnMark): number {
  return spots.value.findIndex((one) => one.image === image_id && one.frame === frame) + 1;
}
