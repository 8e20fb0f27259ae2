/** One case: the film with its marks, and the form. Everything can be done by keys; none acts while Hangul is composed. */
import { useEffect, useState } from "preact/hooks";

import { slotOf } from "../model/draft";
import type { Where } from "../model/keys";
import { meaningOf } from "../model/keys";
import type { Asked } from "../model/slots";
import type { Assignment, DeclineReason } from "../model/types";
import { isAdjudicated } from "../state/adjudicating";
import { canWork } from "../state/draft";
import { assignment, canSubmit, closeCase, decline, elsewhere, film, filmTrouble, here, moveOn, nextCase, NotAllSaved, spot, submit } from "../state/reading";
import { expired, page } from "../state/session";
import { t } from "../texts";
import { FilmRoom } from "../viewer/FilmRoom";
import { sentence, Trouble } from "./loading";
import { act } from "./reading/acts";
import { DeclineForm } from "./reading/DeclineForm";
import { FilmBar } from "./reading/FilmBar";
import { QuestionField } from "./reading/QuestionField";
import { SavedLine } from "./reading/SavedLine";
import { StandingNotice } from "./reading/StandingNotice";

export function Reading() {
  const { error, may, finish, giveBack } = useSubmitting();
  const sheet = assignment.value;
  useKeys(finish);
  if (sheet === null) {
    return null;
  }
  return (
    <div class="reading">
      <div class="film-side">
        <FilmBar />
        <FilmRoom label={filmLabel(sheet)} />
        {film.value === null && <p class="film-state" role="status">{filmTrouble.value === null ? t("reading.loading") : sentence(filmTrouble.value)}</p>}
      </div>
      <aside class="panel">
        <div class="panel-head">
          <h1>{t("reading.case", { case: sheet.case_id.slice(0, 8) })}</h1>
          <p>{patient(sheet)}</p>
          <SavedLine />
          <StandingNotice />
        </div>
        {sheet.guideline !== "" && <p class="guideline">{sheet.guideline}</p>}
        <Questions />
        <Trouble text={error} />
        <button type="button" class="main" disabled={!may} onClick={finish}>
          {t("reading.submit")}
        </button>
        <DeclineForm key={sheet.assignment_id} decline={giveBack} />
        <p class="hint">{t("reading.keys")}</p>
      </aside>
    </div>
  );
}

interface Submitting {
  readonly error: string;
  readonly may: boolean;
  readonly finish: () => void;
  readonly giveBack: (reason: DeclineReason) => void;
}

/** One way out of the case at a time; why it was refused is said. */
function useSubmitting(): Submitting {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const may = canSubmit.value && canWork.value && !busy;
  const goOn = (doing: () => Promise<void>) => {
    setBusy(true);
    onward(doing)
      .then(() => { setError(""); }, (refusal: unknown) => { setError(wordsFor(refusal)); })
      .finally(() => { setBusy(false); });
  };
  return {
    error,
    may,
    finish: () => {
      if (may) {
        goOn(submit);
      }
    },
    giveBack: (reason) => { goOn(() => decline(reason)); },
  };
}

/** The act is done, and the next case is open, or else the worklist; from an adjudication back to its desk. */
async function onward(doing: () => Promise<void>): Promise<void> {
  const project = assignment.value?.project_id;
  const back = isAdjudicated(assignment.value?.assignment_id);
  await doing();
  if (back) {
    page.value = "adjudication";
    closeCase();
  } else if (project === undefined || !(await nextCase(project))) {
    page.value = "worklist";
  }
}

function wordsFor(refusal: unknown): string {
  return refusal instanceof NotAllSaved ? t("stroke.not-all-saved") : sentence(refusal);
}

function useKeys(finish: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const pressed = expired.value ? null : meaningOf(event, whereOf(event.target));
      if (pressed !== null && act(pressed, finish)) {
        event.preventDefault();
      }
    };
    document.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("keydown", press);
    };
  });
}

function whereOf(target: EventTarget | null): Where {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) {
    return "text";
  }
  if (target instanceof HTMLInputElement) {
    return target.type === "range" ? "text" : "line";
  }
  return target instanceof HTMLButtonElement ? "button" : "page";
}

/** What is asked here and now: of the case, of the image that is shown, of the mark that is taken hold of. */
function Questions() {
  const left = elsewhere.value.length;
  return (
    <>
      {here.value.map((one) => (
        <QuestionField key={one.key} one={one} about={aboutOf(one)} />
      ))}
      {left > 0 && (
        <button type="button" class="quiet" onClick={() => { moveOn(); }}>
          {t("question.elsewhere", { count: left })}
        </button>
      )}
    </>
  );
}

function aboutOf({ key }: Asked): string {
  const { mark, image, frame } = slotOf(key);
  if (mark !== undefined) {
    return t("question.of-mark", { number: mark.slice(1) });
  }
  if (frame !== undefined) {
    return t("question.of-frame");
  }
  return image === undefined ? "" : t("question.of-image");
}

function patient({ patient: { age_band, sex } }: Assignment): string {
  return t("reading.patient", { age: age_band || t("reading.unknown"), sex: sex || t("reading.unknown") });
}

function filmLabel({ images }: Assignment): string {
  const image = images.find(({ image_id }) => image_id === spot.value?.image);
  return t("reading.film", { modality: image?.modality ?? "", view: image?.view ?? "" });
}
