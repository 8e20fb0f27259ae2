/** Lay labelers as their trainer sees them: who has signed the pledge, and which tasks are open to whom, until when. */
import { useState } from "preact/hooks";

import { daysUntil, shortDay, today } from "../../model/dates";
import type { Labeler, Labelers as All, Schemas } from "../../model/desk";
import { WARN_DAYS } from "../../model/licences";
import { language } from "../../state/session";
import { t } from "../../texts";
import type { Acts } from "../acting";
import { Outcome, useActs, Waiting } from "../acting";
import { DateField, Form, SelectField } from "../fields";
import { Table, useLoaded } from "../loading";
import { taskInWords, tasksOf } from "../words";

export function Labelers() {
  const loaded = useLoaded<All>("/api/labelers");
  const schemas = useLoaded<Schemas>("/api/schemas").value;
  const acts = useActs(loaded.again);
  const [chosen, setChosen] = useState("");
  const all = loaded.value?.labelers ?? [];
  const shown = all.find((one) => one.person_id === chosen);
  return (
    <section>
      <h1>{t("page.labelers")}</h1>
      <p class="hint">{t("labelers.says")}</p>
      <Waiting loaded={loaded} />
      <Outcome acts={acts} />
      {loaded.value !== null && all.length === 0 && <p>{t("labelers.none")}</p>}
      {all.length > 0 && <List all={all} schemas={schemas} acts={acts} chosen={chosen} choose={setChosen} />}
      {shown !== undefined && <IssueForm key={shown.person_id} labeler={shown} schemas={schemas} acts={acts} />}
    </section>
  );
}

interface ListProps {
  readonly all: readonly Labeler[];
  readonly schemas: Schemas | null;
  readonly acts: Acts;
  readonly chosen: string;
  readonly choose: (personId: string) => void;
}

function List({ all, schemas, acts, chosen, choose }: ListProps) {
  const head = ["name", "standing", "certificates", "step"] as const;
  return (
    <Table head={head.map((name) => t(`labelers.${name}`))}>
      {all.map((one) => (
        <tr key={one.person_id}>
          <td>{one.name}</td>
          <td>
            {t(one.active ? "everyone.active" : "everyone.inactive")}
            {!one.pledged && <p class="fault">{t("labelers.not-pledged")}</p>}
          </td>
          <td>
            {one.certificates.length === 0 && t("labelers.no-certificate")}
            {one.certificates.map(({ task, last_day, probation_until }) => (
              <p key={task} class="actions">
                <span>{taskInWords(schemas, task)}, <Until day={last_day} /></span>
                {probation_until !== null && (
                  <button type="button" disabled={acts.busy}
                    onClick={() => void acts.act("POST", `${pathOf(one, task)}/confirmation`, undefined, () => t("labelers.confirmed", { name: one.name }))}>
                    {t("labelers.confirm")}
                    <span class="unseen"> {one.name}: {taskInWords(schemas, task)}</span>
                  </button>
                )}
                <button type="button" class="stop" disabled={acts.busy}
                  onClick={() => void acts.act("DELETE", pathOf(one, task), undefined, () => t("labelers.withdrawn", { name: one.name }))}>
                  {t("labelers.withdraw")}
                  <span class="unseen"> {one.name}: {taskInWords(schemas, task)}</span>
                </button>
              </p>
            ))}
          </td>
          <td>
            <button type="button" aria-pressed={chosen === one.person_id} onClick={() => { choose(one.person_id); }}>
              {t("labelers.issue")}
              <span class="unseen"> {one.name}</span>
            </button>
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** The last day of a certificate; one that ends soon or is over stands out. */
export function Until({ day }: { readonly day: string }) {
  const left = daysUntil(day, today());
  const words = t(left < 0 ? "labelers.over" : "labelers.until", { day: shortDay(day, language.value) });
  return <span class={left <= WARN_DAYS ? "fault" : undefined}>{words}</span>;
}

function pathOf(labeler: Labeler, task: string): string {
  return `/api/labelers/${labeler.person_id}/certificates/${task}`;
}

interface IssueFormProps {
  readonly labeler: Labeler;
  readonly schemas: Schemas | null;
  readonly acts: Acts;
}

function IssueForm({ labeler, schemas, acts }: IssueFormProps) {
  const [task, setTask] = useState("");
  const [until, setUntil] = useState("");
  const issue = () => {
    void acts.act("PUT", pathOf(labeler, task), { valid_until: until }, () => t("labelers.issued", { name: labeler.name }));
  };
  return (
    <Form title={t("labelers.issue-to", { name: labeler.name })} send={issue}>
      <p class="hint">{t("labelers.issue-says")}</p>
      <div class="row">
        <SelectField label={t("labelers.task")} value={task} none={t("desk.choose")}
          options={tasksOf(schemas).map((one) => [one, taskInWords(schemas, one)])} change={setTask} />
        <DateField label={t("licence.until")} value={until} required change={setUntil} />
      </div>
      <button type="submit" class="main" disabled={task === "" || until === "" || acts.busy}>
        {t("labelers.issue")}
      </button>
    </Form>
  );
}
