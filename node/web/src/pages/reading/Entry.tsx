/** Where a number or a text is typed: every letter is saved, a word is one step back, and keys mean nothing else here. */
import { useLayoutEffect, useRef } from "preact/hooks";

import type { Asked } from "../../model/slots";
import { lengthOf, saidTo } from "../../model/slots";
import { canWork } from "../../state/draft";
import { current, form } from "../../state/reading";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import { write } from "./acts";

export function Entry({ one }: { readonly one: Asked }) {
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const here = current.value?.key === one.key && canWork.value;
  // Before the next key comes, not after the next paint: it would be typed into the field that was left.
  useLayoutEffect(() => {
    if (here) {
      field.current?.focus();
    } else if (document.activeElement === field.current) {
      field.current?.blur();
    }
  }, [here]);
  const { question, key } = one;
  const said = form.value === null ? {} : saidTo(form.value, key);
  const shared = { ref: field, "aria-label": say(question.text, language.value), autocomplete: "off", spellcheck: false };
  if (question.kind === "text") {
    return (
      <>
        <textarea {...shared} rows={4} value={said.text ?? ""} onInput={(event) => { write(one, event.currentTarget.value); }} />
        <p class="hint">{t("question.text-hint", { left: (question.max_characters ?? 0) - lengthOf(said.text ?? "") })}</p>
      </>
    );
  }
  const { minimum = 0, maximum = 0, unit = "1" } = question.number ?? {};
  return (
    <p class="number">
      <input {...shared} inputmode="decimal" value={said.typed ?? ""} onInput={(event) => { write(one, event.currentTarget.value); }} />
      {unit !== "1" && <span>{unit}</span>}
      <span class="soft">{t("question.range", { minimum, maximum })}</span>
    </p>
  );
}
