/** Plans in words, and what a hospital can do with one: approve within bounds, stop, and lift its own stop. */
import { useState } from "preact/hooks";

import { send } from "../api/client";
import type { Plan, PlanDetail } from "../model/types";
import { holds, language } from "../state/session";
import type { TextKey } from "../texts";
import { say, t } from "../texts";
import { sentence, Trouble, useLoaded } from "./loading";
import { ApprovalForm, FirstYesCard } from "./PlanApproval";
import { PlanChangesPart } from "./PlanChanges";
import { PlanStops } from "./PlanStops";

export function Plans() {
  const { value, error } = useLoaded<readonly Plan[]>("/api/plans");
  return (
    <section>
      <h1>{t("page.plans")}</h1>
      <Trouble text={error} />
      {value?.length === 0 && <p>{t("plans.none")}</p>}
      {value?.map((plan) => <PlanCard key={plan.offer_sha256} digest={plan.offer_sha256} />)}
    </section>
  );
}

type Method = "POST" | "DELETE";

function PlanCard({ digest }: { readonly digest: string }) {
  const { value, error, again } = useLoaded<PlanDetail>(`/api/plans/${digest}`);
  const [trouble, setTrouble] = useState("");
  const act = async (method: Method, what: string, body?: unknown) => {
    try {
      await send(method, `/api/plans/${digest}/${what}`, body);
      setTrouble("");
      await again();
    } catch (refusal) {
      setTrouble(sentence(refusal));
    }
  };
  if (value === null) {
    return <Trouble text={error} />;
  }
  return (
    <article class="card">
      <h2>{say(value.plan.title, language.value)}</h2>
      <p>
        {t("plans.state")}: <strong>{t(`state.${value.plan.standing}` as TextKey)}</strong>
      </p>
      <ul>
        {value.lines.map((line) => (
          <li key={line.topic} class={line.warns ? "warning" : undefined}>
            {say(line.text, language.value)}
          </li>
        ))}
      </ul>
      {value.changes !== null && value.plan.standing !== "expired" && <PlanChangesPart changes={value.changes} />}
      <p class="hint">
        {t("plans.words")}: <strong lang="en">{value.words}</strong>
      </p>
      <p class="hint">
        {t("plans.digest")}: <span class="code">{digest}</span>
      </p>
      {value.obstacle !== null && value.plan.standing !== "expired" && (
        <p class="warning" role="note">{say(value.obstacle, language.value)}</p>
      )}
      <Trouble text={trouble} />
      <Yes plan={value} act={act} />
      <PlanStops plan={value} act={(path, body) => act("POST", path, body)} />
    </article>
  );
}

interface YesProps {
  readonly plan: PlanDetail;
  readonly act: (method: Method, what: string, body?: unknown) => Promise<void>;
}

/** What a steward can say yes to: a plan that waits, or that was stopped and is stopped no more. */
function Yes({ plan, act }: YesProps) {
  const first = plan.first_yes;
  if (first !== null) {
    const path = `first-yes/${first.yes_id}`;
    return (
      <FirstYesCard plan={plan} first={first} steward={holds("steward")} confirm={() => act("POST", `${path}/confirmation`)}
        drop={() => act("DELETE", path)} />
    );
  }
  const open = plan.plan.standing === "offered" || plan.plan.standing === "withdrawn";
  if (!open || plan.plan.stopped_by.length > 0 || !holds("steward")) {
    return null;
  }
  return <ApprovalForm plan={plan} approve={(body) => act("POST", plan.two_people ? "first-yes" : "approval", body)} />;
}
