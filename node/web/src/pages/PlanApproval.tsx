/** The steward's yes within bounds; where two people approve, a first yes and the second one that makes it count. */
import { useState } from "preact/hooks";

import type { Figure, FirstYes, PlanDetail } from "../model/types";
import { language, person } from "../state/session";
import { say, t } from "../texts";
import { DateField } from "./fields";
import { moment, number } from "./loading";

interface ApprovalFormProps {
  readonly plan: PlanDetail;
  readonly approve: (body: unknown) => Promise<void>;
}

export function ApprovalForm({ plan, approve }: ApprovalFormProps) {
  const [rounds, setRounds] = useState(plan.widest.max_rounds);
  const [cases, setCases] = useState(plan.widest.max_cases);
  const [red, setRed] = useState(false);
  const [epsilon, setEpsilon] = useState(plan.epsilon_cap);
  const [figures, setFigures] = useState<readonly Figure["name"][]>(plan.metrics.map((one) => one.name));
  const id = (name: string) => `${name}-${plan.plan.offer_sha256.slice(0, 8)}`;
  const last = plan.plan.expires_at.slice(0, 10);
  const [until, setUntil] = useState(last);
  const whole = (event: Event) => Number.parseInt((event.currentTarget as HTMLInputElement).value, 10);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void approve({
      max_rounds: rounds,
      max_cases: cases,
      accepts_red_attack_light: red,
      epsilon_cap: epsilon === plan.epsilon_cap ? null : epsilon,
      metrics: figures.length === plan.metrics.length ? null : figures,
      expires_at: until < last ? `${until}T23:59:59Z` : plan.plan.expires_at,
    });
  };
  return (
    <form onSubmit={submit}>
      <label for={id("rounds")}>{t("plans.max-rounds")}</label>
      <input id={id("rounds")} type="number" min={1} max={plan.widest.max_rounds} value={rounds}
        onInput={(event) => { setRounds(whole(event)); }} />
      <label for={id("cases")}>{t("plans.max-cases")}</label>
      <input id={id("cases")} type="number" min={1} max={plan.widest.max_cases} value={cases}
        onInput={(event) => { setCases(whole(event)); }} />
      {plan.epsilon_cap !== null && (
        <>
          <label for={id("epsilon")}>{t("plans.max-epsilon")}</label>
          <input id={id("epsilon")} type="number" min={0} max={plan.epsilon_cap} step="any" required value={epsilon ?? ""}
            onInput={(event) => { setEpsilon(Number.parseFloat(event.currentTarget.value)); }} />
        </>
      )}
      {plan.metrics.length > 0 && <Figures asked={plan.metrics} chosen={figures} choose={setFigures} />}
      <label>
        <input type="checkbox" checked={red} onChange={() => { setRed(!red); }} /> {t("plans.accept-red")}
      </label>
      <DateField label={t("plans.approve-until")} value={until} required last={last} change={setUntil} />
      <p class="hint">{t("plans.until", { date: moment(plan.plan.expires_at) })}</p>
      {plan.two_people && <p class="hint">{t("yes.two-people")}</p>}
      <button type="submit" class="main" disabled={plan.cannot_take_part !== null || until === ""}>
        {t(plan.two_people ? "yes.first" : "plans.approve")}
      </button>
    </form>
  );
}

interface FiguresProps {
  readonly asked: readonly Figure[];
  readonly chosen: readonly Figure["name"][];
  readonly choose: (chosen: readonly Figure["name"][]) => void;
}

function Figures({ asked, chosen, choose }: FiguresProps) {
  return (
    <fieldset>
      <legend>{t("plans.figures")}</legend>
      {asked.map(({ name, text }) => (
        <label key={name}>
          <input type="checkbox" checked={chosen.includes(name)}
            onChange={() => {
              const left = asked.map((one) => one.name).filter((one) => (one === name) !== chosen.includes(one));
              choose(left);
            }} />{" "}
          {say(text, language.value)}
        </label>
      ))}
    </fieldset>
  );
}

interface FirstYesCardProps {
  readonly plan: PlanDetail;
  readonly first: FirstYes;
  readonly steward: boolean;
  readonly confirm: () => Promise<void>;
  readonly drop: () => Promise<void>;
}

export function FirstYesCard({ plan, first, steward, confirm, drop }: FirstYesCardProps) {
  const own = first.person_id === person.value?.person_id;
  return (
    <div class="warning" role="note">
      <p>{t("yes.waits", { moment: moment(first.said_at) })}</p>
      <ul>
        <li>{t("yes.rounds", { count: number(first.bounds.max_rounds) })}</li>
        <li>{t("yes.cases", { count: number(first.bounds.max_cases) })}</li>
        <li>{t("yes.until", { date: moment(first.expires_at) })}</li>
        {first.epsilon_cap !== null && <li>{t("yes.epsilon", { epsilon: number(first.epsilon_cap) })}</li>}
        {first.metrics !== null && <li>{t("yes.figures", { figures: named(plan.metrics, first.metrics) })}</li>}
        <li>{t(first.accepts_red_attack_light ? "yes.red" : "yes.no-red")}</li>
      </ul>
      {own && <p>{t("yes.own")}</p>}
      {steward && !own && (
        <button type="button" class="main" onClick={() => void confirm()}>
          {t("yes.confirm")}
        </button>
      )}
      {steward && (
        <button type="button" onClick={() => void drop()}>
          {t(own ? "yes.take-back" : "yes.turn-down")}
        </button>
      )}
    </div>
  );
}

function named(asked: readonly Figure[], names: readonly Figure["name"][]): string {
  const words = asked.filter(({ name }) => names.includes(name)).map(({ text }) => say(text, language.value));
  return words.join(", ") || t("plans.no-figure");
}
