/** Who stopped a plan and since when; each office stops in its own name and lifts its own stop, with a reason. */
import { useState } from "preact/hooks";

import type { Office, PlanDetail, PlanStop, StopLiftReason } from "../model/types";
import { person } from "../state/session";
import type { TextKey } from "../texts";
import { t } from "../texts";
import { moment } from "./loading";

const OFFICES: readonly Office[] = ["steward", "ethics", "it"];
const REASONS: readonly StopLiftReason[] = ["question-answered", "decision-renewed", "fault-mended", "stopped-by-mistake"];

interface PlanStopsProps {
  readonly plan: PlanDetail;
  readonly act: (path: "stop" | "stop/lifting", body: unknown) => Promise<void>;
}

export function PlanStops({ plan, act }: PlanStopsProps) {
  const own = OFFICES.filter((office) => person.value?.roles.includes(office));
  const standing = plan.plan.stopped_by;
  const mayStop = plan.plan.standing !== "expired";
  return (
    <>
      {plan.stops.map((stop) => <StopLine key={stop.office + stop.stopped_at} stop={stop} />)}
      {own.map((office) =>
        standing.includes(office) ? (
          <LiftForm key={office} digest={plan.plan.offer_sha256} office={office} lift={(body) => act("stop/lifting", body)} />
        ) : (
          mayStop && (
            <button key={office} type="button" class="stop" onClick={() => void act("stop", { office })}>
              {t(`stop.${office}` as TextKey)}
            </button>
          )
        ),
      )}
    </>
  );
}

function StopLine({ stop }: { readonly stop: PlanStop }) {
  const since = moment(stop.stopped_at);
  if (stop.lifted_at === null) {
    return (
      <p class="warning" role="note">
        {t(`stops.${stop.office}` as TextKey, { since })}
      </p>
    );
  }
  const reason = t(`lift-reason.${stop.lift_reason ?? "question-answered"}` as TextKey);
  return <p class="hint">{t(`lifted.${stop.office}` as TextKey, { since, until: moment(stop.lifted_at), reason })}</p>;
}

interface LiftFormProps {
  readonly digest: string;
  readonly office: Office;
  readonly lift: (body: unknown) => Promise<void>;
}

function LiftForm({ digest, office, lift }: LiftFormProps) {
  const [reason, setReason] = useState<StopLiftReason | "">("");
  const id = `lift-${office}-${digest.slice(0, 8)}`;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void lift({ office, reason });
      }}
    >
      <label for={id}>{t("stop-lift.why")}</label>
      <select
        id={id}
        value={reason}
        onChange={(event) => {
          setReason(REASONS.find((one) => one === event.currentTarget.value) ?? "");
        }}
      >
        <option value="">{t("stop-lift.choose")}</option>
        {REASONS.map((one) => (
          <option key={one} value={one}>
            {t(`lift-reason.${one}` as TextKey)}
          </option>
        ))}
      </select>
      <button type="submit" class="main" disabled={reason === ""}>
        {t(`stop-lift.${office}` as TextKey)}
      </button>
    </form>
  );
}
