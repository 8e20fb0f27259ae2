/** Giving a case back, with the reason why: out of the reader's worklist for good. */
import { useState } from "preact/hooks";

import type { DeclineReason } from "../../model/types";
import { holds } from "../../state/session";
import { t } from "../../texts";

const REASONS: readonly DeclineReason[] = ["outside-my-field", "known-patient", "image-unreadable", "no-time"];
const LABELER_REASONS: readonly DeclineReason[] = ["rather-not", ...REASONS];

export function DeclineForm({ decline }: { readonly decline: (reason: DeclineReason) => void }) {
  const [asking, setAsking] = useState(false);
  const reasons = holds("reader") ? REASONS : LABELER_REASONS;
  if (!asking) {
    return (
      <button type="button" class="quiet" onClick={() => { setAsking(true); }}>
        {t("reading.decline")}
      </button>
    );
  }
  return (
    <fieldset class="question">
      <legend>{t("decline.why")}</legend>
      {reasons.map((reason) => (
        <button key={reason} type="button" class="choice" onClick={() => { decline(reason); }}>
          {t(`decline.${reason}`)}
        </button>
      ))}
      <button type="button" class="quiet" onClick={() => { setAsking(false); }}>{t("decline.keep")}</button>
    </fieldset>
  );
}
