/** The lead calls for adjudication of closed cases, and sees how each one stands. */
import { useState } from "preact/hooks";

import type { LeadsAdjudications } from "../../model/desk";
import type { Schema } from "../../model/types";
import { t } from "../../texts";
import { Outcome, useActs, Waiting } from "../acting";
import { CheckField, Form, TextField } from "../fields";
import { number, Table, useLoaded } from "../loading";
import { optionInWords, votedInWords } from "../words";
import type { PartProps } from "./ProjectDesk";

export function Adjudications({ project, schema }: PartProps) {
  const path = `/api/projects/${project.project_id}/adjudications`;
  const loaded = useLoaded<LeadsAdjudications>(path);
  const acts = useActs(loaded.again);
  const { state } = project;
  const call = (bound: number, everyDissent: boolean) => {
    const told = (answer: unknown) => t("adjudication.called", { added: number((answer as { added: number }).added) });
    void acts.act("POST", path, { bound, every_dissent: everyDissent }, told);
  };
  return (
    <>
      <p class="hint">{t("adjudication.says")}</p>
      <Outcome acts={acts} />
      {state === "draft" || state === "archived" ? <p class="hint">{t(`adjudication.not-${state}`)}</p> : <CallForm busy={acts.busy} call={call} />}
      <Waiting loaded={loaded} />
      {loaded.value?.adjudications.length === 0 && <p>{t("adjudication.none")}</p>}
      {loaded.value !== null && loaded.value.adjudications.length > 0 && <List found={loaded.value} schema={schema} />}
    </>
  );
}

interface CallFormProps {
  readonly busy: boolean;
  readonly call: (bound: number, everyDissent: boolean) => void;
}

function CallForm({ busy, call }: CallFormProps) {
  const [percent, setPercent] = useState("80");
  const [every, setEvery] = useState(false);
  const bound = Number(percent);
  const stands = /^\d{1,3}$/.test(percent.trim()) && bound <= 100;
  return (
    <Form title={t("adjudication.call")} send={() => { call(bound / 100, every); }}>
      <TextField label={t("adjudication.bound")} hint={t("adjudication.bound-hint")} value={percent} numeric longest={3} change={setPercent} />
      <CheckField label={t("adjudication.every-dissent")} value={every} change={setEvery} />
      <button type="submit" class="main" disabled={busy || !stands}>
        {t("adjudication.call")}
      </button>
    </Form>
  );
}

function List({ found, schema }: { readonly found: LeadsAdjudications; readonly schema: Schema | undefined }) {
  const head = ["case", "question", "state", "verdict", "reason"] as const;
  return (
    <Table head={head.map((name) => t(`adjudication.${name}`))}>
      {found.adjudications.map((one) => (
        <tr key={one.adjudication_id}>
          <td class="code" title={one.case_id}>{one.case_id.slice(0, 8)}</td>
          <td>{votedInWords(schema, one.question)}</td>
          <td>{t(`adjudicating.${one.state}`)}</td>
          <td>{one.state === "decided" && (one.option === null ? t("verdict-of.none") : optionInWords(schema, one.question, one.option))}</td>
          <td>{one.reason !== null && t(`verdict-reason.${one.reason}`)}</td>
        </tr>
      ))}
    </Table>
  );
}
