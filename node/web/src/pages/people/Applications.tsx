/** Specialists who ask to read here. Who takes one has held the numbers against the originals, until a day. */
import { useState } from "preact/hooks";

import type { Application, Applications as Waiters, Departments, LoginCode, RefusalReason, Taken } from "../../model/desk";
import { t } from "../../texts";
import type { Acts } from "../acting";
import { Outcome, useActs, Waiting } from "../acting";
import { DateField, Form, SelectField } from "../fields";
import { moment, useLoaded } from "../loading";
import { departmentInWords } from "../words";
import { OnceCode } from "./OnceCode";

const REASONS = ["numbers-not-confirmed", "specialty-not-needed", "known-already"] as const satisfies readonly RefusalReason[];

interface ApplicationsProps {
  readonly departments: Departments | null;
  readonly taken: () => Promise<void>;
}

export function Applications({ departments, taken }: ApplicationsProps) {
  const loaded = useLoaded<Waiters>("/api/applications");
  const [code, setCode] = useState<{ readonly name: string; readonly code: LoginCode } | null>(null);
  const acts = useActs(async () => {
    await loaded.again();
    await taken();
  });
  const take = async (one: Application, validUntil: string) => {
    const path = `/api/applications/${one.application_id}/taking`;
    const answer = (await acts.act("POST", path, { valid_until: validUntil })) as Taken | undefined;
    setCode(answer === undefined ? null : { name: answer.person.name, code: answer.login_code });
  };
  return (
    <>
      <p class="hint">{t("applications.says")}</p>
      <Outcome acts={acts} />
      {code !== null && <OnceCode name={code.name} code={code.code} close={() => { setCode(null); }} />}
      <Waiting loaded={loaded} />
      {loaded.value?.applications.length === 0 && <p>{t("applications.none")}</p>}
      {loaded.value?.applications.map((one) => (
        <ApplicationCard key={one.application_id} application={one} departments={departments} acts={acts}
          take={(validUntil) => void take(one, validUntil)} />
      ))}
    </>
  );
}

interface CardProps {
  readonly application: Application;
  readonly departments: Departments | null;
  readonly acts: Acts;
  readonly take: (validUntil: string) => void;
}

function ApplicationCard({ application, departments, acts, take }: CardProps) {
  const [until, setUntil] = useState("");
  const [checked, setChecked] = useState(false);
  const [reason, setReason] = useState<RefusalReason | "">("");
  const refuse = () => {
    void acts.act("POST", `/api/applications/${application.application_id}/refusal`, { reason }, () => t("applications.refused"));
  };
  return (
    <article class="card">
      <h2>{application.name}</h2>
      <dl>
        <dt>{t("people.department")}</dt>
        <dd>
          {departmentInWords(departments, application.department)}
          {application.subspecialty !== null && `, ${application.subspecialty}`}
          {application.specialist_since !== null && `, ${t("people.since", { year: application.specialist_since })}`}
        </dd>
        <dt>{t("people.licence-number")}</dt>
        <dd class="code">{application.licence_number}</dd>
        <dt>{t("people.specialty-number")}</dt>
        <dd class="code">{application.specialty_number}</dd>
        <dt>{t("applications.sent")}</dt>
        <dd>{moment(application.sent_at)}</dd>
      </dl>
      <div class="decisions">
        <Form title={t("applications.take")} send={() => { take(until); }}>
          <label class="check">
            <input type="checkbox" checked={checked} onChange={() => { setChecked(!checked); }} /> {t("applications.checked")}
          </label>
          <DateField label={t("licence.until")} value={until} required change={setUntil} />
          <button type="submit" class="main" disabled={!checked || until === "" || acts.busy}>
            {t("applications.take")}
          </button>
        </Form>
        <Form title={t("applications.refuse")} send={refuse}>
          <SelectField label={t("applications.why")} value={reason} none={t("desk.choose")}
            options={REASONS.map((one) => [one, t(`refusal.${one}`)])} change={setReason} />
          <p class="hint">{t("applications.refuse-says")}</p>
          <button type="submit" class="stop" disabled={reason === "" || acts.busy}>
            {t("applications.refuse")}
          </button>
        </Form>
      </div>
    </article>
  );
}
