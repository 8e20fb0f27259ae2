/** A lay labeler's own papers: the pledge, signed before anything is given, and the certificates, each to be carried away. */
import { useState } from "preact/hooks";

import type { Certificates, Pledge, Schemas } from "../../model/desk";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import { Outcome, useActs, Waiting } from "../acting";
import { CheckField, Form } from "../fields";
import { moment, Table, useLoaded } from "../loading";
import { taskInWords } from "../words";
import { Until } from "./Labelers";

export function OwnCertificates() {
  const loaded = useLoaded<Certificates>("/api/certificates/own");
  const schemas = useLoaded<Schemas>("/api/schemas").value;
  const own = loaded.value?.certificates ?? [];
  return (
    <section>
      <h1>{t("page.certificates")}</h1>
      <PledgeCard />
      <h2>{t("labelers.certificates")}</h2>
      <p class="hint">{t("certificates.says")}</p>
      <Waiting loaded={loaded} />
      {loaded.value !== null && own.length === 0 && <p>{t("certificates.none")}</p>}
      {own.length > 0 && (
        <Table head={[t("labelers.task"), t("certificates.issued"), t("licence.until"), t("pay.file")]}>
          {own.map((one) => (
            <tr key={one.task}>
              <td>{taskInWords(schemas, one.task)}</td>
              <td>{moment(one.issued_at)}</td>
              <td>
                <Until day={one.last_day} />
                {one.probation_until !== null && <p class="hint">{t("certificates.probation")}</p>}
              </td>
              <td>
                <a href={`/api/certificates/own/${one.task}/file`} download>
                  {t("certificates.download")}
                </a>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function PledgeCard() {
  const loaded = useLoaded<Pledge>("/api/pledge");
  const acts = useActs(loaded.again);
  const [read, setRead] = useState(false);
  const pledge = loaded.value;
  if (pledge === null) {
    return <Waiting loaded={loaded} />;
  }
  const sign = () => void acts.act("PUT", "/api/pledge", { version: pledge.version }, () => t("pledge.signed-done"));
  return (
    <div class="card">
      <h2>{t("pledge.title")}</h2>
      <p class="guideline">{say(pledge.text, language.value)}</p>
      <Outcome acts={acts} />
      {pledge.signed_at !== null ? (
        <p class="hint">{t("pledge.signed", { when: moment(pledge.signed_at) })}</p>
      ) : (
        <Form send={sign} label={t("pledge.title")}>
          <p class="hint">{t("pledge.says")}</p>
          <CheckField label={t("pledge.read")} value={read} change={setRead} />
          <button type="submit" class="main" disabled={!read || acts.busy}>
            {t("pledge.sign")}
          </button>
        </Form>
      )}
    </div>
  );
}
