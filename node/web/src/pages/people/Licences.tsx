/** Licences: who verified each, until when; first those that are over or end within sixty days. */
import { useState } from "preact/hooks";

import { daysUntil, shortDay, today } from "../../model/dates";
import type { Departments, PersonOfNode } from "../../model/desk";
import type { Standing } from "../../model/licences";
import { byUrgency, standingOf, WARN_DAYS } from "../../model/licences";
import { language } from "../../state/session";
import { t } from "../../texts";
import type { Acts } from "../acting";
import { Outcome, useActs } from "../acting";
import { DateField, Form, TextField } from "../fields";
import { moment, number, Table } from "../loading";
import { departmentInWords } from "../words";

interface LicencesProps {
  readonly people: readonly PersonOfNode[];
  readonly departments: Departments | null;
  readonly again: () => Promise<void>;
}

export function Licences({ people, departments, again }: LicencesProps) {
  const acts = useActs(again);
  const [chosen, setChosen] = useState("");
  const now = today();
  const listed = byUrgency(people, now);
  const urgent = listed.filter((one) => ["over", "ends-soon"].includes(standingOf(one.licence, now)));
  const shown = listed.find((one) => one.person_id === chosen);
  const names = new Map(people.map((one) => [one.person_id, one.name]));
  const head = ["name", "department", "numbers", "state", "until", "checked", "step"] as const;
  return (
    <>
      {urgent.length > 0 && <p class="warning" role="note">{t("licence.warn", { people: number(urgent.length), days: WARN_DAYS })}</p>}
      <Outcome acts={acts} />
      {listed.length === 0 && <p>{t("licence.nobody")}</p>}
      {listed.length > 0 && (
        <Table head={head.map((name) => t(`licence.${name}`))}>
          {listed.map((one) => (
            <tr key={one.person_id}>
              <td>{one.name}</td>
              <td>{one.department === null ? "" : departmentInWords(departments, one.department)}</td>
              <td class="code">{one.licence === null ? "" : `${one.licence.licence_number} / ${one.licence.specialty_number}`}</td>
              <td>{stateInWords(one, now)}</td>
              <td>{one.licence === null ? "" : shortDay(one.licence.valid_until, language.value)}</td>
              <td>
                {one.licence !== null && (
                  <>
                    {names.get(one.licence.checked_by) ?? t("licence.by-command")}
                    <div class="hint">{moment(one.licence.checked_at)}</div>
                  </>
                )}
              </td>
              <td>
                <button type="button" aria-pressed={chosen === one.person_id} onClick={() => { setChosen(one.person_id); }}>
                  {t("licence.check")}
                  <span class="unseen"> {one.name}</span>
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {shown !== undefined && <CheckForm key={`${shown.person_id} ${shown.licence?.checked_at ?? ""}`} person={shown} acts={acts} />}
    </>
  );
}

function stateInWords(person: PersonOfNode, now: string) {
  const standing: Standing = standingOf(person.licence, now);
  const days = person.licence === null ? 0 : daysUntil(person.licence.valid_until, now);
  return <span class={standing === "holds" ? undefined : "fault"}>{t(`standing.${standing}`, { days: number(Math.max(0, days)) })}</span>;
}

function CheckForm({ person, acts }: { readonly person: PersonOfNode; readonly acts: Acts }) {
  const [licence, setLicence] = useState(person.licence?.licence_number ?? "");
  const [specialty, setSpecialty] = useState(person.licence?.specialty_number ?? "");
  const [until, setUntil] = useState("");
  const [checked, setChecked] = useState(false);
  const path = `/api/people/${person.person_id}/licence`;
  const stands = checked && until !== "" && licence.trim() !== "" && specialty.trim() !== "";
  const verify = () => {
    const body = { licence_number: licence.trim(), specialty_number: specialty.trim(), valid_until: until };
    void acts.act("PUT", path, body, () => t("licence.verified", { name: person.name }));
  };
  return (
    <div class="decisions">
      <Form title={t("licence.verify", { name: person.name })} send={verify}>
        <TextField label={t("people.licence-number")} value={licence} longest={24} change={setLicence} />
        <TextField label={t("people.specialty-number")} value={specialty} longest={24} change={setSpecialty} />
        <DateField label={t("licence.until")} value={until} required change={setUntil} />
        <label class="check">
          <input type="checkbox" checked={checked} onChange={() => { setChecked(!checked); }} /> {t("applications.checked")}
        </label>
        <button type="submit" class="main" disabled={!stands || acts.busy}>
          {t("licence.verify-do")}
        </button>
      </Form>
      {person.licence !== null && (
        <Form title={t("licence.withdraw")} send={() => void acts.act("DELETE", path, undefined, () => t("licence.withdrawn", { name: person.name }))}>
          <p class="hint">{t("licence.withdraw-says")}</p>
          <button type="submit" class="stop" disabled={acts.busy}>
            {t("licence.withdraw")}
          </button>
        </Form>
      )}
    </div>
  );
}
