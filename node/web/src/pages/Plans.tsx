/** Plans in words, and the two things a hospital can do with one: approve within bounds, or withdraw. */
import { useState } from "preact/hooks";

import { send } from "../api/client";
import type { Plan, PlanDetail } from "../model/types";
import { language, person } from "../state/session";
import type { TextKey } from "../texts";
import { say, t } from "../texts";
import { moment, sentence, Trouble, useLoaded } from "./loading";

const REASON_OF = { steward: "steward-revoked", ethics: "ethics-suspended", it: "it-stopped" } as const;

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

function PlanCard({ digest }: { readonly digest: string }) {
  const { value, error, again } = useLoaded<PlanDetail>(`/api/plans/${digest}`);
  const [trouble, setTrouble] = useState("");
  const act = async (what: "approval" | "withdrawal", body: unknown) => {
    try {
      await send("POST", `/api/plans/${digest}/${what}`, body);
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
      {value.plan.standing === "offered" && isSteward() && (
        <ApprovalForm plan={value} approve={(body) => act("approval", body)} />
      )}
      {value.plan.standing === "approved" && (
        <button type="button" class="stop" onClick={() => void act("withdrawal", { reason: reason() })}>
          {t("plans.revoke")}
        </button>
      )}
    </article>
  );
}

interface ApprovalFormProps {
  readonly plan: PlanDetail;
  readonly approve: (body: unknown) => Promise<void>;
}

function ApprovalForm({ plan, approve }: ApprovalFormProps) {
  const [rounds, setRounds] = useState(plan.widest.max_rounds);
  const [cases, setCases] = useState(plan.widest.max_cases);
  const [red, setRed] = useState(false);
  const last = plan.plan.expires_at.slice(0, 10);
  const [until, setUntil] = useState(last);
  const whole = (event: Event) => Number.parseInt((event.currentTarget as HTMLInputElement).value, 10);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void approve({
      max_rounds: rounds,
      max_cases: cases,
      accepts_red_attack_light: red,
      expires_at: until < last ? `${until}T23:59:59Z` : plan.plan.expires_at,
    });
  };
  return (
    <form onSubmit={submit}>
      <label for="rounds">{t("plans.max-rounds")}</label>
      <input id="rounds" type="number" min={1} max={plan.widest.max_rounds} value={rounds}
        onInput={(event) => { setRounds(whole(event)); }} />
      <label for="cases">{t("plans.max-cases")}</label>
      <input id="cases" type="number" min={1} max={plan.widest.max_cases} value={cases}
        onInput={(event) => { setCases(whole(event)); }} />
      <label>
        <input type="checkbox" checked={red} onChange={() => { setRed(!red); }} /> {t("plans.accept-red")}
      </label>
      <label for="until">{t("plans.approve-until")}</label>
      <input id="until" type="date" required max={last} value={until}
        onInput={(event) => { setUntil(event.currentTarget.value); }} />
      <p class="hint">{t("plans.until", { date: moment(plan.plan.expires_at) })}</p>
      <button type="submit" class="main" disabled={plan.cannot_take_part !== null}>
        {t("plans.approve")}
      </button>
    </form>
  );
}

function isSteward(): boolean {
  return person.value?.roles.includes("steward") ?? false;
}

function reason(): string {
  const roles = person.value?.roles ?? [];
  const role = (["steward", "ethics", "it"] as const).find((name) => roles.includes(name)) ?? "it";
  return REASON_OF[role];
}
