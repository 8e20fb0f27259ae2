/** One question about one thing: its choices with their keys, its number or text, the answers that are no opinion. */
import { useEffect, useRef } from "preact/hooks";

import type { Choice } from "../../model/answers";
import { choicesOf, CONFIDENCES, isChosen, withConfidence } from "../../model/answers";
import { CHOICE_KEYS } from "../../model/keys";
import type { Asked } from "../../model/slots";
import { faultOf, saidTo } from "../../model/slots";
import type { Question } from "../../model/types";
import { canWork, change } from "../../state/draft";
import { tool } from "../../state/drawing";
import { current, form, pointTo } from "../../state/reading";
import { language } from "../../state/session";
import type { TextKey } from "../../texts";
import { say, t } from "../../texts";
import { take } from "./acts";
import { Entry } from "./Entry";
import { MarksField } from "./MarksField";

/** More choices than these stand in two columns. */
const MANY = 8;

export function QuestionField({ one, about }: { readonly one: Asked; readonly about: string }) {
  const place = useRef<HTMLFieldSetElement>(null);
  const here = current.value?.key === one.key;
  const { question } = one;
  const fault = form.value === null ? null : faultOf(form.value, one);
  useEffect(() => {
    if (here) {
      place.current?.scrollIntoView({ block: "nearest" });
    }
  }, [here, fault]);
  return (
    <fieldset
      ref={place}
      class={["question", here ? "here" : "", choicesOf(question).length > MANY ? "many" : ""].join(" ").trim()}
      data-question={question.code}
      data-here={here}
      data-open={fault !== null}
      disabled={!canWork.value}
      onFocusCapture={() => { pointTo(one.key); }}
    >
      <legend>
        {say(question.text, language.value)}
        {about !== "" && <span class="about"> {about}</span>}
      </legend>
      {(question.kind === "number" || question.kind === "text") && <Entry one={one} />}
      {choicesOf(question).map((choice, index) => (
        <ChoiceButton key={`${choice.kind}-${choice.code}`} one={one} choice={choice} hint={here ? (CHOICE_KEYS[index] ?? "") : ""} />
      ))}
      {question.kind === "geometry" && <MarksField question={question} />}
      {question.confidence_required && <Confidence one={one} />}
      {fault !== null && fault !== "unanswered" && <p class="fault" role="status">{t(`fault.${fault}`)}</p>}
    </fieldset>
  );
}

interface ChoiceProps {
  readonly one: Asked;
  readonly choice: Choice;
  readonly hint: string;
}

function ChoiceButton({ one, choice, hint }: ChoiceProps) {
  const ofMark = one.question.kind === "geometry" && choice.kind === "option";
  const said = form.value === null ? {} : saidTo(form.value, one.key);
  const inHand = ofMark && tool.value?.question === one.question.code && tool.value.label === choice.code;
  return (
    <button
      type="button"
      class="choice"
      aria-pressed={inHand || isChosen(said, choice)}
      onClick={(event) => {
        take(one, choice);
        if (event.detail > 0) {
          event.currentTarget.blur(); // Enter then goes on, and does not choose once more
        }
      }}
    >
      {hint !== "" && <kbd>{hint.toUpperCase()}</kbd>} {wordsOf(one.question, choice)}
    </button>
  );
}

function wordsOf(question: Question, choice: Choice): string {
  const option = question.options.find(({ code }) => choice.kind === "option" && code === choice.code);
  return option === undefined ? t(`abstention.${choice.code}` as TextKey) : say(option.text, language.value);
}

function Confidence({ one }: { readonly one: Asked }) {
  const said = form.value === null ? {} : saidTo(form.value, one.key);
  return (
    <div class="confidence" role="group" aria-label={t("question.confidence")}>
      <span class="soft">{t("question.confidence")}</span>
      {CONFIDENCES.map((value, index) => (
        <button
          key={value}
          type="button"
          class="choice"
          disabled={said.abstention !== undefined}
          aria-pressed={said.confidence === value}
          onClick={() => {
            if (form.value !== null) {
              change(withConfidence(form.value, one, value));
            }
          }}
        >
          <kbd>⇧{index + 1}</kbd> {new Intl.NumberFormat(language.value, { style: "percent" }).format(value)}
        </button>
      ))}
    </div>
  );
}
