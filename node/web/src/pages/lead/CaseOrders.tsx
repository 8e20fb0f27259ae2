/** What a lead says of the cases of a project: difficulty, urgency, due day; who has a case; by which rules it is given. */
import { Fragment } from "preact";
import { useState } from "preact/hooks";

import type { Difficulty, OrderedCase, OrderedCases, Priority } from "../../model/desk";
import { shortDay } from "../../model/dates";
import { language } from "../../state/session";
import { t } from "../../texts";
import type { Acts } from "../acting";
import { Outcome, useActs, Waiting } from "../acting";
import { DateField, Form, SelectField } from "../fields";
import { number, Table, useLoaded } from "../loading";
import { CasePlaces } from "./CasePlaces";
import { CaseRules } from "./CaseRules";
import type { PartProps } from "./ProjectDesk";

const A_PAGE = 50;
const DIFFICULTIES = ["easy", "usual", "hard"] as const satisfies readonly Difficulty[];
const PRIORITIES = ["4", "3", "2", "1"] as const;

export function CaseOrders({ project }: PartProps) {
  const [after, setAfter] = useState<readonly string[]>([]);
  const from = after.at(-1);
  const path = `/api/projects/${project.project_id}/cases?limit=${A_PAGE}${from === undefined ? "" : `&after=${from}`}`;
  const loaded = useLoaded<OrderedCases>(path);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const acts = useActs(loaded.again);
  const cases = loaded.value?.cases ?? [];
  const choose = (caseId: string, on: boolean) => {
    setChosen(on ? [...chosen, caseId] : chosen.filter((one) => one !== caseId));
  };
  const mark = async (said: Mark) => {
    const told = (answer: unknown) => t("cases.marked", { cases: number((answer as { marked: number }).marked) });
    const path = `/api/projects/${project.project_id}/cases/marks`;
    if ((await acts.act("PUT", path, { case_ids: chosen, ...said }, told)) !== undefined) {
      setChosen([]);
    }
  };
  const turn = (where: readonly string[]) => {
    setChosen([]);
    setAfter(where);
  };
  return (
    <>
      <Waiting loaded={loaded} />
      <Outcome acts={acts} />
      {loaded.value !== null && cases.length === 0 && <p>{t("cases.none")}</p>}
      {cases.length > 0 && <CaseTable cases={cases} chosen={chosen} choose={choose} projectId={project.project_id} acts={acts} />}
      <p class="actions">
        {after.length > 0 && <button type="button" onClick={() => { turn(after.slice(0, -1)); }}>{t("cases.earlier")}</button>}
        {loaded.value?.next_after && (
          <button type="button" onClick={() => { turn([...after, loaded.value?.next_after ?? ""]); }}>{t("cases.later")}</button>
        )}
      </p>
      {cases.length > 0 && <MarkForm chosen={chosen.length} busy={acts.busy} mark={(said) => void mark(said)} />}
      <CaseRules projectId={project.project_id} />
    </>
  );
}

interface CaseTableProps {
  readonly cases: readonly OrderedCase[];
  readonly chosen: readonly string[];
  readonly choose: (caseId: string, on: boolean) => void;
  readonly projectId: string;
  readonly acts: Acts;
}

function CaseTable({ cases, chosen, choose, projectId, acts }: CaseTableProps) {
  const [open, setOpen] = useState("");
  const head = ["choose", "case", "modality", "body-part", "difficulty", "priority", "due", "readers"] as const;
  return (
    <Table head={head.map((name) => t(`cases.${name}`))}>
      {cases.map((one) => (
        <Fragment key={one.case_id}>
          <tr>
            <td>
              <input type="checkbox" checked={chosen.includes(one.case_id)} aria-label={t("cases.choose-one", { case: one.case_id.slice(0, 8) })}
                onChange={() => { choose(one.case_id, !chosen.includes(one.case_id)); }} />
            </td>
            <td class="code" title={one.case_id}>{one.case_id.slice(0, 8)}</td>
            <td>{one.modality}</td>
            <td>{one.body_part || t("cases.not-said")}</td>
            <td>{t(`difficulty.${one.difficulty}`)}</td>
            <td>{t(`priority.${one.priority}`)}</td>
            <td>{one.due_on === null ? "" : shortDay(one.due_on, language.value)}</td>
            <td>
              <button type="button" aria-expanded={open === one.case_id}
                onClick={() => { setOpen(open === one.case_id ? "" : one.case_id); }}>
                {t("cases.who")}
                <span class="unseen"> {one.case_id.slice(0, 8)}</span>
              </button>
            </td>
          </tr>
          {open === one.case_id && (
            <tr>
              <td colSpan={8}>
                <CasePlaces projectId={projectId} caseId={one.case_id} acts={acts} />
              </td>
            </tr>
          )}
        </Fragment>
      ))}
    </Table>
  );
}

interface Mark {
  readonly difficulty: Difficulty;
  readonly priority: Priority;
  readonly due_on: string | null;
}

interface MarkFormProps {
  readonly chosen: number;
  readonly busy: boolean;
  readonly mark: (said: Mark) => void;
}

function MarkForm({ chosen, busy, mark }: MarkFormProps) {
  const [difficulty, setDifficulty] = useState<Difficulty>("usual");
  const [priority, setPriority] = useState<(typeof PRIORITIES)[number]>("2");
  const [due, setDue] = useState("");
  const send = () => { mark({ difficulty, priority: Number(priority) as Priority, due_on: due === "" ? null : due }); };
  return (
    <Form title={t("cases.mark")} send={send}>
      <p class="hint">{chosen === 0 ? t("cases.mark-none") : t("cases.mark-some", { cases: number(chosen) })}</p>
      <div class="row">
        <SelectField label={t("cases.difficulty")} value={difficulty} options={DIFFICULTIES.map((one) => [one, t(`difficulty.${one}`)])}
          change={(one) => { setDifficulty(one === "" ? "usual" : one); }} />
        <SelectField label={t("cases.priority")} value={priority} options={PRIORITIES.map((one) => [one, t(`priority.${one}`)])}
          change={(one) => { setPriority(one === "" ? "2" : one); }} />
        <DateField label={t("cases.due")} value={due} change={setDue} />
      </div>
      <button type="submit" class="main" disabled={busy || chosen === 0}>
        {t("cases.mark-do")}
      </button>
    </Form>
  );
}
