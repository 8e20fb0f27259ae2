/** The two decisions about a quarantined image. Each asks for its reason; there is no reason chosen beforehand. */
import { useState } from "preact/hooks";

import type { DeleteReason, Quarantined, ReleaseReason } from "../model/types";
import type { TextKey } from "../texts";
import { t } from "../texts";

const OVERRULING = ["nothing-identifies", "text-names-nobody"] as const satisfies readonly ReleaseReason[];
const RETRYING = ["try-again"] as const satisfies readonly ReleaseReason[];
const RETRIED: readonly string[] = ["intake.cleaning_failed", "deidentify.too_costly"];
const DELETING = [
  "identity-visible",
  "not-needed",
  "sent-by-mistake",
  "patient-asked",
] as const satisfies readonly DeleteReason[];

interface ReleaseFormProps {
  readonly held: Quarantined;
  readonly release: (reason: ReleaseReason) => Promise<void>;
}

export function ReleaseForm({ held, release }: ReleaseFormProps) {
  const retry = RETRIED.includes(held.reason);
  if (!held.releasable) {
    return <p class="hint">{t("quarantine.not-releasable")}</p>;
  }
  return (
    <ReasonForm<ReleaseReason> name="release" reasons={retry ? RETRYING : OVERRULING} decide={release}
      verb={t(retry ? "quarantine.try-again" : "quarantine.release")} hint={t("quarantine.release-hint")} />
  );
}

export function DeleteForm({ remove }: { readonly remove: (reason: DeleteReason) => Promise<void> }) {
  return (
    <ReasonForm<DeleteReason> name="delete" reasons={DELETING} decide={remove} verb={t("quarantine.delete")}
      hint={t("quarantine.delete-hint")} />
  );
}

interface ReasonFormProps<Reason extends string> {
  readonly name: "release" | "delete";
  readonly reasons: readonly Reason[];
  readonly verb: string;
  readonly hint: string;
  readonly decide: (reason: Reason) => Promise<void>;
}

function ReasonForm<Reason extends string>({ name, reasons, verb, hint, decide }: ReasonFormProps<Reason>) {
  const [chosen, setChosen] = useState("");
  const reason = reasons.find((one) => one === chosen);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (reason !== undefined) {
      void decide(reason);
    }
  };
  return (
    <form onSubmit={submit}>
      <label for={`${name}-reason`}>
        {verb}: {t("quarantine.why")}
      </label>
      <select id={`${name}-reason`} value={chosen} onChange={(event) => { setChosen(event.currentTarget.value); }}>
        <option value="">{t("quarantine.choose")}</option>
        {reasons.map((one) => (
          <option key={one} value={one}>
            {t(`${name}.${one}` as TextKey)}
          </option>
        ))}
      </select>
      <p class="hint">{hint}</p>
      <button type="submit" class={name === "delete" ? "stop" : "main"} disabled={reason === undefined}>
        {verb}
      </button>
    </form>
  );
}
