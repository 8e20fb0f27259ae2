/** What a pilot showed: how far it is, and how well its readers agree on each question. */
import type { Pilot } from "../../model/desk";
import type { Project, Schema } from "../../model/types";
import { t } from "../../texts";
import { Waiting } from "../acting";
import { number, Table, useLoaded } from "../loading";
import { votedInWords } from "../words";
import { IntervalBar, intervalInWords } from "./IntervalBar";

export function PilotReport({ project, schema }: { readonly project: Project; readonly schema: Schema | undefined }) {
  const loaded = useLoaded<Pilot>(`/api/projects/${project.project_id}/pilot`);
  const pilot = loaded.value;
  if (pilot === null) {
    return <Waiting loaded={loaded} />;
  }
  if (pilot.cases === 0) {
    return <p class="hint">{t("pilot.none")}</p>;
  }
  return (
    <div class="card">
      <h2>{t("pilot.title")}</h2>
      <p>{t("pilot.told", { cases: number(pilot.cases), closed: number(pilot.closed), readings: number(pilot.readings) })}</p>
      <Table head={[t("agreement.question"), t("agreement.readers"), t("agreement.alpha"), t("agreement.interval")]}>
        {pilot.questions.map((one) => (
          <tr key={one.question}>
            <td>{votedInWords(schema, one.question)}</td>
            <td class="figure">{number(one.readers)}</td>
            <td>{one.withheld ? t("agreement.withheld") : intervalInWords(one)}</td>
            <td><IntervalBar figure={one} /></td>
          </tr>
        ))}
      </Table>
      <p class="hint">{t("agreement.alpha-hint")}</p>
    </div>
  );
}
