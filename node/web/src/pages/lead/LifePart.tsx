/** Where a project stands in its life, what each next step asks and does, and what its readings may be used for. */
import { useState } from "preact/hooks";

import type { PermittedUse } from "../../model/desk";
import type { Step } from "../../model/life";
import { isFinal, partnersOf, PILOT_READS, routeOf, STATES, stepsFrom, usesOffered } from "../../model/life";
import type { Project } from "../../model/types";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import type { Acts } from "../acting";
import { Outcome, useActs } from "../acting";
import { CheckField, Form, LongField, SelectField, TextField } from "../fields";
import { number } from "../loading";
import { PilotReport } from "./PilotReport";
import type { PartProps } from "./ProjectDesk";

export function LifePart({ project, schema, again }: PartProps) {
  const acts = useActs(again);
  return (
    <>
      <ol class="life">
        {STATES.map((state) => (
          <li key={state} aria-current={state === project.state ? "step" : undefined}>
            {t(`life.${state}`)}
          </li>
        ))}
      </ol>
      <p class="hint">{t(`life.${project.state}-says`)}</p>
      <dl>
        <dt>{t("projects.schema")}</dt>
        <dd>{schema === undefined ? project.schema_code : say(schema.title, language.value)} ({project.schema_version})</dd>
        <dt>{t("projects.reads")}</dt>
        <dd>{number(project.reads_per_case)}</dd>
        <dt>{t("projects.payer")}</dt>
        <dd>{project.payer || t("projects.no-payer")}</dd>
        <dt>{t("permission.title")}</dt>
        <dd>{t(`use.${project.permission.use}`)}</dd>
        <dt>{t("projects.labelers-short")}</dt>
        <dd>{project.labelers ? t("desk.yes") : t("desk.no")}</dd>
      </dl>
      <Outcome acts={acts} />
      <div class="decisions">
        {stepsFrom(project.state).map((step, place) => (
          <StepForm key={`${project.state} ${step}`} step={step} usual={place === 0} project={project} acts={acts} />
        ))}
        {project.state !== "archived" && <AddCases project={project} acts={acts} />}
        <PermissionForm key={project.state} project={project} acts={acts} />
      </div>
      {project.state !== "draft" && <PilotReport project={project} schema={schema} />}
    </>
  );
}

interface ActProps {
  readonly project: Project;
  readonly acts: Acts;
}

function StepForm({ step, usual, project, acts }: ActProps & { readonly step: Step; readonly usual: boolean }) {
  const [reads, setReads] = useState("20");
  const [sure, setSure] = useState(false);
  const asks = step === "start-pilot" || step === "deal-pilot";
  const count = Number(reads);
  const counted = !asks || (Number.isInteger(count) && count >= PILOT_READS.least && count <= PILOT_READS.most);
  const take = () => {
    const path = `/api/projects/${project.project_id}/${routeOf(step)}`;
    void acts.act("POST", path, asks ? { reads: count } : undefined, () => t(`step.${step}-done`));
  };
  return (
    <Form title={t(`step.${step}`)} send={take}>
      <p class="hint">{t(`step.${step}-says`)}</p>
      {step === "start-pilot" && (
        <TextField label={t("step.reads", PILOT_READS)} value={reads} numeric change={setReads} />
      )}
      {isFinal(step) && <CheckField label={t("step.sure")} value={sure} change={setSure} />}
      <button type="submit" class={isFinal(step) ? "stop" : usual ? "main" : undefined} disabled={acts.busy || !counted || (isFinal(step) && !sure)}>
        {t(`step.${step}`)}
      </button>
    </Form>
  );
}

function AddCases({ project, acts }: ActProps) {
  const [typed, setTyped] = useState("CR, DX");
  const modalities = typed.toUpperCase().split(/[\s,]+/).filter((one) => one !== "");
  const stands = modalities.length > 0 && modalities.every((one) => /^[A-Z][A-Z0-9]{0,15}$/.test(one));
  const add = () => {
    const told = (answer: unknown) => t("cases.added", { added: number((answer as { added: number }).added) });
    void acts.act("POST", `/api/projects/${project.project_id}/cases`, { modalities }, told);
  };
  return (
    <Form title={t("cases.add")} send={add}>
      <TextField label={t("cases.modalities")} hint={t("cases.add-hint")} value={typed} change={setTyped} />
      <button type="submit" disabled={!stands || acts.busy}>
        {t("cases.add")}
      </button>
    </Form>
  );
}

function PermissionForm({ project, acts }: ActProps) {
  const { use: now, partners } = project.permission;
  const offered = usesOffered(now, project.state);
  const [use, setUse] = useState<PermittedUse>(now);
  const [typed, setTyped] = useState(partners.join("\n"));
  const named = use === "named-partners" ? partnersOf(typed) : [];
  const set = () => {
    const body = { use, partners: named };
    void acts.act("PUT", `/api/projects/${project.project_id}/permission`, body, () => t("permission.set-done"));
  };
  return (
    <Form title={t("permission.title")} send={set}>
      <p class="hint">{t(project.state === "draft" ? "permission.draft-says" : "permission.later-says")}</p>
      <SelectField label={t("permission.use")} value={use} options={offered.map((one) => [one, t(`use.${one}`)])}
        change={(one) => { setUse(one === "" ? now : one); }} />
      {use === "named-partners" && (
        <LongField label={t("permission.partners")} value={typed} rows={3} longest={4000} change={setTyped} />
      )}
      <button type="submit" disabled={acts.busy || (use === "named-partners" && named.length === 0)}>
        {t("permission.set")}
      </button>
    </Form>
  );
}
