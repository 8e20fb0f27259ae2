/** How a project's readings become one truth, and how well its readers agree; nothing here names a reader. */
import { useState } from "preact/hooks";

import type { Agreement, Agreements, Departments, Fusion, FusionMethod } from "../../model/desk";
import { t } from "../../texts";
import { Outcome, useActs, Waiting } from "../acting";
import { Form, SelectField } from "../fields";
import { moment, number, Table, useLoaded } from "../loading";
import { departmentInWords, votedInWords } from "../words";
import { ConsensusTable } from "./ConsensusTable";
import { IntervalBar, intervalInWords, two } from "./IntervalBar";
import type { PartProps } from "./ProjectDesk";

const METHODS = ["vote", "weighted", "dawid-skene"] as const satisfies readonly FusionMethod[];

export function AgreementPart({ project, schema }: PartProps) {
  const loaded = useLoaded<Agreements>(`/api/projects/${project.project_id}/agreement`);
  const departments = useLoaded<Departments>("/api/departments").value;
  return (
    <>
      <FusionForm projectId={project.project_id} />
      <h2>{t("agreement.title")}</h2>
      <Waiting loaded={loaded} />
      {loaded.value !== null && <p class="hint">{t("agreement.until", { until: moment(loaded.value.until) })}</p>}
      {loaded.value?.questions.length === 0 && <p>{t("agreement.none")}</p>}
      {loaded.value?.questions.map((one) => (
        <QuestionAgreement key={one.question} agreement={one} title={votedInWords(schema, one.question)} departments={departments} />
      ))}
      <p class="hint">{t("agreement.alpha-hint")}</p>
      <ConsensusTable project={project} schema={schema} />
    </>
  );
}

function FusionForm({ projectId }: { readonly projectId: string }) {
  const path = `/api/projects/${projectId}/fusion`;
  const loaded = useLoaded<Fusion>(path);
  const acts = useActs(loaded.again);
  const [wanted, setWanted] = useState<FusionMethod | "">("");
  const fusion = loaded.value;
  if (fusion === null) {
    return <Waiting loaded={loaded} />;
  }
  const method = wanted === "" ? fusion.method : wanted;
  return (
    <Form title={t("fusion.title")} send={() => void acts.act("PUT", path, { method }, () => t("fusion.set-done"))}>
      <Outcome acts={acts} />
      <SelectField label={t("fusion.method")} hint={t(`fusion.${method}-says`)} value={method}
        options={METHODS.map((one) => [one, t(`fusion.${one}`)])} change={setWanted} />
      {fusion.estimated_at !== null && (
        <p class="hint">
          {t("fusion.estimated", { when: moment(fusion.estimated_at), cases: number(fusion.cases), gold: number(fusion.gold_cases) })}
        </p>
      )}
      {fusion.doubted.length > 0 && <p class="warning">{t("fusion.doubted", { questions: fusion.doubted.join(", ") })}</p>}
      <button type="submit" disabled={acts.busy}>
        {t(method === "vote" ? "fusion.set" : "fusion.estimate")}
      </button>
    </Form>
  );
}

interface QuestionProps {
  readonly agreement: Agreement;
  readonly title: string;
  readonly departments: Departments | null;
}

function QuestionAgreement({ agreement: { whole, departments: cells, months, readers, alarms }, title, departments }: QuestionProps) {
  const rows = [
    { ...whole, name: t("agreement.whole") },
    ...cells.map((cell) => ({ ...cell, name: departmentInWords(departments, cell.name || null) })),
    ...months,
  ];
  return (
    <div class="card">
      <h3>{title}</h3>
      {alarms.map((alarm, place) => (
        <p key={place} class="warning" role="note">
          {t(`alarm.${alarm.direction}`, { chart: alarm.chart.toUpperCase(), step: number(alarm.step + 1) })}
        </p>
      ))}
      <Table head={[t("agreement.part"), t("agreement.cases"), t("agreement.alpha"), t("agreement.interval")]}>
        {rows.map((cell, place) => (
          <tr key={place}>
            <td>{cell.name}</td>
            <td class="figure">{number(cell.cases)}</td>
            <td>{cell.withheld ? t("agreement.withheld") : intervalInWords(cell)}</td>
            <td><IntervalBar figure={cell} /></td>
          </tr>
        ))}
      </Table>
      {readers.length > 0 && (
        <p>
          {t("agreement.shares")}: {readers.map((one) => two(one.share)).join(" · ")}
        </p>
      )}
    </div>
  );
}
