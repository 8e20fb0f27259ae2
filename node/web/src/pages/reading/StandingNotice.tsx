/** Why nothing can be done here now, and what to do about it: another window leads, or saved meanwhile, or the case is gone. */
import { useState } from "preact/hooks";

import { goOnHere, saving, standing, takeOver, takeTheirs } from "../../state/draft";
import { closeCase } from "../../state/reading";
import { page } from "../../state/session";
import { t } from "../../texts";
import { sentence, Trouble } from "../loading";

export function StandingNotice() {
  const [error, setError] = useState("");
  const now = saving.value;
  const doing = (act: () => Promise<void>) => () => {
    act().then(() => { setError(""); }, (refusal: unknown) => { setError(sentence(refusal)); });
  };
  if (standing.value === "following") {
    return (
      <div class="warning" role="status">
        <p>{t("stroke.other-window")}</p>
        <button type="button" onClick={takeOver}>{t("stroke.take-over")}</button>
      </div>
    );
  }
  if (now.kind === "conflict") {
    return (
      <div class="warning" role="alert">
        <p>{t("stroke.conflict", { count: now.waiting })}</p>
        <Trouble text={error} />
        <div class="actions">
          <button type="button" class="main" onClick={doing(goOnHere)}>{t("stroke.go-on-here")}</button>
          <button type="button" onClick={doing(takeTheirs)}>{t("stroke.take-theirs")}</button>
        </div>
      </div>
    );
  }
  if (now.kind === "refused") {
    return (
      <div class="trouble" role="alert">
        <p>{t("stroke.refused", { count: now.waiting })} {sentence(now.reason)}</p>
        <button type="button" onClick={doing(givenUp)}>{t("stroke.give-up")}</button>
      </div>
    );
  }
  return null;
}

/** What cannot be saved goes; whether the case can still be read, the worklist says. */
async function givenUp(): Promise<void> {
  await takeTheirs().catch(() => undefined);
  closeCase();
  page.value = "worklist";
}
