/** The guideline: its text now, a new version with what it makes outdated, and two versions compared line by line. */
import { useState } from "preact/hooks";

import { casesOf, MOST_CASES } from "../../model/caseList";
import type { GuidelineChange, Revised } from "../../model/desk";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import type { Acts } from "../acting";
import { Outcome, useActs, Waiting } from "../acting";
import { CheckField, Form, LongField, SelectField } from "../fields";
import { number, useLoaded } from "../loading";
import type { PartProps } from "./ProjectDesk";

export function GuidelinePart({ project, schema, again }: PartProps) {
  const acts = useActs(again);
  return (
    <>
      <Outcome acts={acts} />
      <div class="card">
        <h2>{t("guideline.now", { version: number(project.guideline_version) })}</h2>
        <p class="guideline">{project.guideline || t("guideline.empty")}</p>
      </div>
      {project.guideline_version > 1 && (
        <Compare key={project.guideline_version} projectId={project.project_id} latest={project.guideline_version} />
      )}
      {project.state !== "archived" && <Change key={`form ${project.guideline_version}`} project={project} schema={schema} acts={acts} />}
    </>
  );
}

type ChangeProps = Pick<PartProps, "project" | "schema"> & { readonly acts: Acts };

function Change({ project, schema, acts }: ChangeProps) {
  const [text, setText] = useState(project.guideline);
  const [touched, setTouched] = useState<readonly string[]>([]);
  const [typed, setTyped] = useState("");
  const draft = project.state === "draft";
  const cases = casesOf(typed);
  const send = () => {
    const body = { text, touches: touched.map((question) => ({ question })), case_ids: cases ?? [] };
    const told = (answer: unknown) => {
      const { readings_set_aside, cases_requeued, guideline_version } = answer as Revised;
      return t("guideline.changed", { version: guideline_version, readings: readings_set_aside, cases: cases_requeued });
    };
    void acts.act("PUT", `/api/projects/${project.project_id}/guideline`, body, told);
  };
  return (
    <Form title={t("guideline.change")} send={send}>
      <LongField label={t("projects.guideline")} value={text} rows={12} change={setText} />
      {!draft && (
        <fieldset>
          <legend>{t("guideline.touches")}</legend>
          <p class="hint">{t("guideline.touches-hint")}</p>
          {(schema?.questions ?? []).map(({ code, text: words }) => (
            <CheckField key={code} label={say(words, language.value)} value={touched.includes(code)}
              change={(on) => { setTouched(on ? [...touched, code] : touched.filter((one) => one !== code)); }} />
          ))}
          <LongField label={t("guideline.cases")} hint={t(cases === null ? "guideline.cases-wrong" : "guideline.cases-hint", { most: number(MOST_CASES) })}
            value={typed} rows={4} longest={40_000} change={setTyped} />
        </fieldset>
      )}
      <button type="submit" class="main" disabled={acts.busy || text === project.guideline || cases === null}>
        {t("guideline.save")}
      </button>
    </Form>
  );
}

function Compare({ projectId, latest }: { readonly projectId: string; readonly latest: number }) {
  const [before, setBefore] = useState(latest - 1);
  const [after, setAfter] = useState(latest);
  const loaded = useLoaded<GuidelineChange>(`/api/projects/${projectId}/guideline?before=${before}&after=${after}`);
  const versions = Array.from({ length: latest }, (_, place) => place + 1);
  const options = versions.map((one) => [String(one), t("guideline.version", { version: number(one) })] as const);
  return (
    <div class="card">
      <h2>{t("guideline.compare")}</h2>
      <div class="actions">
        <SelectField label={t("guideline.before")} value={String(before)} options={options} change={(one) => { setBefore(Number(one)); }} />
        <SelectField label={t("guideline.after")} value={String(after)} options={options} change={(one) => { setAfter(Number(one)); }} />
      </div>
      <Waiting loaded={loaded} />
      {loaded.value !== null && <Lines change={loaded.value} />}
    </div>
  );
}

const SIGNS = { both: "", before: "−", after: "+" } as const;

function Lines({ change }: { readonly change: GuidelineChange }) {
  return (
    <ol class="difference">
      {change.lines.map((line, place) => (
        <li key={place} class={line.kind}>
          <span class="sign" aria-hidden="true">{SIGNS[line.kind]}</span>
          {line.kind !== "both" && <span class="unseen">{t(`guideline.line-${line.kind}`)} </span>}
          <span>{line.text}</span>
        </li>
      ))}
    </ol>
  );
}
