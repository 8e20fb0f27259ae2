/** Rate cards: what a reading of each project is paid from now on; cases taken before keep what was shown then. */
import { useState } from "preact/hooks";

import { amountOf } from "../../model/amounts";
import type { CardLine, Departments, Difficulty, PaidProject, PaidProjects } from "../../model/desk";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import type { Acts } from "../acting";
import { Outcome, useActs, Waiting } from "../acting";
import { Form, SelectField, TextField } from "../fields";
import { Table, useLoaded } from "../loading";
import { departmentInWords, money } from "../words";
import { RateInWords } from "./RateInWords";

const DIFFICULTIES = ["easy", "usual", "hard"] as const satisfies readonly Difficulty[];

export function RateDesk() {
  const loaded = useLoaded<PaidProjects>("/api/pay/projects");
  const departments = useLoaded<Departments>("/api/departments").value;
  const acts = useActs(loaded.again);
  return (
    <>
      <p class="hint">{t("rate.says")}</p>
      <Outcome acts={acts} />
      <Waiting loaded={loaded} />
      {loaded.value?.projects.length === 0 && <p>{t("projects.none")}</p>}
      {loaded.value?.projects.map((project) => (
        <ProjectCard key={`${project.project_id} ${project.rate?.version ?? 0}`} project={project} departments={departments} acts={acts} />
      ))}
    </>
  );
}

interface CardProps {
  readonly project: PaidProject;
  readonly departments: Departments | null;
  readonly acts: Acts;
}

function ProjectCard({ project, departments, acts }: CardProps) {
  return (
    <article class="card">
      <h2>{project.title}</h2>
      <p class="hint">
        {t(`life.${project.state}`)} · {t("projects.payer")}: {project.payer || t("projects.no-payer")}
      </p>
      <RateInWords rate={project.rate} departments={departments} />
      {project.state !== "archived" && (
        <details>
          <summary>{t("rate.new")}</summary>
          <CardForm project={project} departments={departments} acts={acts} />
        </details>
      )}
    </article>
  );
}

function CardForm({ project, departments, acts }: CardProps) {
  const [amount, setAmount] = useState(project.rate?.amount ?? "");
  const [currency, setCurrency] = useState(project.rate?.currency ?? "KRW");
  const [lines, setLines] = useState<readonly CardLine[]>(project.rate?.lines ?? []);
  const exact = amountOf(amount);
  const stands = exact !== null && /^[A-Z]{3}$/.test(currency);
  const send = () => {
    void acts.act("PUT", `/api/projects/${project.project_id}/rate`, { amount: exact, currency, lines }, () => t("rate.set-done", { title: project.title }));
  };
  return (
    <>
      <LineTable lines={lines} currency={currency} departments={departments} set={setLines} />
      <LineForm departments={departments} add={(line) => { setLines([...lines, line]); }} />
      <Form send={send} label={t("rate.new")}>
        <div class="row">
          <TextField label={t("rate.usual")} value={amount} numeric longest={18} hint={t("rate.usual-hint")} change={setAmount} />
          <TextField label={t("rate.currency")} value={currency} longest={3} change={(text) => { setCurrency(text.toUpperCase()); }} />
        </div>
        <button type="submit" class="main" disabled={!stands || acts.busy}>
          {t("rate.set")}
        </button>
      </Form>
    </>
  );
}

interface LineTableProps {
  readonly lines: readonly CardLine[];
  readonly currency: string;
  readonly departments: Departments | null;
  readonly set: (lines: readonly CardLine[]) => void;
}

function LineTable({ lines, currency, departments, set }: LineTableProps) {
  if (lines.length === 0) {
    return <p class="hint">{t("rate.no-lines")}</p>;
  }
  return (
    <Table head={[t("rate.department"), t("rate.difficulty"), t("rate.amount"), t("rules.step")]}>
      {lines.map((line, place) => (
        <tr key={place}>
          <td>{departmentInWords(departments, line.department)}</td>
          <td>{line.difficulty === null ? t("rules.any") : t(`difficulty.${line.difficulty}`)}</td>
          <td class="figure">{money(line.amount, currency)}</td>
          <td>
            <button type="button" onClick={() => { set(lines.filter((_, one) => one !== place)); }}>
              {t("rules.remove")}
            </button>
          </td>
        </tr>
      ))}
    </Table>
  );
}

interface LineFormProps {
  readonly departments: Departments | null;
  readonly add: (line: CardLine) => void;
}

function LineForm({ departments, add }: LineFormProps) {
  const [department, setDepartment] = useState("");
  const [difficulty, setDifficulty] = useState<Difficulty | "">("");
  const [amount, setAmount] = useState("");
  const exact = amountOf(amount);
  const stands = exact !== null && (department !== "" || difficulty !== "");
  const send = () => {
    add({ department: department || null, difficulty: difficulty || null, amount: exact ?? "" });
    setAmount("");
  };
  return (
    <Form send={send} label={t("rate.line-add")}>
      <p class="hint">{t("rate.line-says")}</p>
      <div class="row">
        <SelectField label={t("rate.department")} value={department} none={t("desk.any-department")}
          options={(departments?.departments ?? []).map((one) => [one.code, say(one, language.value)])} change={setDepartment} />
        <SelectField label={t("rate.difficulty")} value={difficulty} none={t("rules.any")}
          options={DIFFICULTIES.map((one) => [one, t(`difficulty.${one}`)])} change={setDifficulty} />
        <TextField label={t("rate.amount")} value={amount} numeric longest={18} change={setAmount} />
      </div>
      <button type="submit" disabled={!stands}>
        {t("rate.line-add")}
      </button>
    </Form>
  );
}
