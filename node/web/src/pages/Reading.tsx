/** One case: the film with its marks, and the form. Everything can be done by keys; none acts while Hangul is composed. */
import { useEffect, useState } from "preact/hooks";

import { slotOf } from "../model/draft";
import type { Behind, Where } from "../model/keys";
import { meaningOf, reaches } from "../model/keys";
import type { Asked } from "../model/slots";
import type { Assignment, DeclineReason } from "../model/types";
import { PriorRoom } from "../prior/PriorRoom";
import { isShown } from "../prior/state";
import { isAdjudicated } from "../state/adjudicating";
import { canWork } from "../state/draft";
import { displayed, isWrong } from "../state/greyscale";
import { habits } from "../state/habits";
import { assignment, canSubmit, closeCase, decline, elsewhere, film, filmTrouble, here, moveOn, nextCase, NotAllSaved, spot, submit } from "../state/reading";
import { expired, page } from "../state/session";
import { t } from "../texts";
import { FilmRoom } from "../viewer/FilmRoom";
import { shown } from "../volume/state";
import { VolumeSwitch } from "../volume/VolumeBar";
import { VolumeRoom } from "../volume/VolumeRoom";
import { sentence, Trouble } from "./loading";
import { act } from "./reading/acts";
import { DeclineForm } from "./reading/DeclineForm";
import { isDialogOpen } from "./reading/Dialog";
import { FilmBar } from "./reading/FilmBar";
import { keyTitle } from "./reading/KeyHint";
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
        {shown.value === null && <FilmBar />}
        <VolumeSwitch />
        {shown.value === null ? <Rooms label={filmLabel(sheet)} /> : <VolumeRoom volume={shown.value} />}
        {isWrong.value && <p class="film-state trouble" role="alert">{t("pattern.refused")}</p>}
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
        {shown.value === null && <p class="hint">{keysInWords()}</p>}
      </aside>
    </div>
  );
}

/** The image, and an earlier one of the patient beside it where the reader wants it. */
function Rooms({ label }: { readonly label: string }) {
  return (
    <div class="rooms">
      <FilmRoom label={label} />
      {isShown.value && <PriorRoom />}
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
  const may = canSubmit.value && canWork.value && !isWrong.value && !busy;
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
        goOn(() => submit(displayed()));
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

/** How this person works here, in one line. */
function keysInWords(): string {
  const { mouse } = habits.value;
  return t("reading.keys", {
    questions: `${keyTitle("previous-question")} ${keyTitle("next-question")}`,
    images: `${keyTitle("previous-frame")} ${keyTitle("next-frame")}`,
    on: keyTitle("go-on"),
    mark: keyTitle("next-mark"),
    remove: keyTitle("delete"),
    left: t(`drag.${mouse.left}`),
    right: t(`drag.${mouse.right}`),
  });
}

function useKeys(finish: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const pressed = expired.value ? null : meaningOf(event, whereOf(event.target), habits.value.keys);
      if (pressed !== null && reaches(pressed, behind()) && act(pressed, finish)) {
        event.preventDefault();
      }
    };
    document.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("keydown", press);
    };
  });
}

function behind(): Behind {
  if (isDialogOpen()) {
    return "page";
  }
  return shown.value === null ? "nothing" : "image";
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
