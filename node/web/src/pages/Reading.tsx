/** One case: the film and the form. Digit keys choose, Enter submits; no key acts while Hangul is being composed. */
import { useEffect, useState } from "preact/hooks";

import type { Choice } from "../model/answers";
import { choiceForKey, choicesOf, isChosen } from "../model/answers";
import type { Assignment, Question } from "../model/types";
import { assignment, canSubmit, decline, film, form, nextCase, pick, submit } from "../state/reading";
import { language, page } from "../state/session";
import type { TextKey } from "../texts";
import { say, t } from "../texts";
import { FilmView } from "../viewer/FilmView";
import { sentence, Trouble } from "./loading";

export function Reading() {
  const [error, setError] = useState("");
  const current = assignment.value;
  const goOn = async (act: () => Promise<void>) => {
    try {
      await act();
      if (current === null || !(await nextCase(current.project_id))) {
        page.value = "worklist";
      }
      setError("");
    } catch (refusal) {
      setError(sentence(refusal));
    }
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || form.value === null) {
        return;
      }
      const choice = choiceForKey(form.value, event.key);
      if (choice !== null) {
        pick(choice);
      } else if (event.key === "Enter" && canSubmit() && !(event.target instanceof HTMLButtonElement)) {
        event.preventDefault();
        void goOn(submit);
      }
    };
    document.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("keydown", press);
    };
  });
  if (current === null) {
    return null;
  }
  return (
    <div class="reading">
      <div class="film-room">
        {film.value === null ? (
          <p role="status">{t("reading.loading")}</p>
        ) : (
          <FilmView frame={film.value} label={filmLabel(current)} />
        )}
      </div>
      <aside class="panel">
        <h1>{t("reading.case", { case: current.case_id.slice(0, 8) })}</h1>
        <p>{patient(current)}</p>
        {current.guideline !== "" && <p>{current.guideline}</p>}
        {current.schema.questions.map((question) => (
          <QuestionField key={question.code} question={question} />
        ))}
        <Trouble text={error} />
        <button type="button" class="main" disabled={!canSubmit()} onClick={() => void goOn(submit)}>
          {t("reading.submit")}
        </button>
        <button type="button" class="quiet" onClick={() => void goOn(decline)}>
          {t("reading.decline")}
        </button>
        <p class="hint">{t("reading.hint")}</p>
      </aside>
    </div>
  );
}

function QuestionField({ question }: { readonly question: Question }) {
  return (
    <fieldset>
      <legend>{say(question.text, language.value)}</legend>
      {choicesOf(question).map((choice, index) => (
        <button
          key={choice.code}
          type="button"
          class="choice"
          aria-pressed={form.value !== null && isChosen(form.value, choice)}
          onClick={() => {
            pick(choice);
          }}
        >
          <kbd>{index + 1}</kbd> {words(question, choice)}
        </button>
      ))}
    </fieldset>
  );
}

function words(question: Question, choice: Choice): string {
  const option = question.options.find(({ code }) => choice.kind === "option" && code === choice.code);
  return option === undefined ? t(`abstention.${choice.code}` as TextKey) : say(option.text, language.value);
}

function patient({ patient: { age_band, sex } }: Assignment): string {
  return t("reading.patient", { age: age_band || t("reading.unknown"), sex: sex || t("reading.unknown") });
}

function filmLabel({ images }: Assignment): string {
  return t("reading.film", { modality: images[0]?.modality ?? "", view: images[0]?.view ?? "" });
}
