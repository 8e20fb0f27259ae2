/** What a project's readings are paid, and what that comes to an active hour where five readers or more read. */
import type { Departments, Fairness, ProjectRate } from "../../model/desk";
import { t } from "../../texts";
import { Waiting } from "../acting";
import { number, Table, useLoaded } from "../loading";
import { RateInWords } from "../pay/RateInWords";
import { money } from "../words";
import type { PartProps } from "./ProjectDesk";

export function PayPart({ project }: PartProps) {
  const path = `/api/projects/${project.project_id}`;
  const rate = useLoaded<ProjectRate>(`${path}/rate`);
  const fairness = useLoaded<Fairness>(`${path}/fairness`);
  const departments = useLoaded<Departments>("/api/departments").value;
  return (
    <>
      <h2>{t("rate.title")}</h2>
      <Waiting loaded={rate} />
      {rate.value !== null && <RateInWords rate={rate.value.rate} departments={departments} />}
      <h2>{t("fairness.title")}</h2>
      <p class="hint">{t("fairness.says")}</p>
      <Waiting loaded={fairness} />
      {fairness.value?.figures.length === 0 && <p>{t("fairness.none")}</p>}
      {fairness.value !== null && fairness.value.figures.length > 0 && (
        <Table head={[t("fairness.currency"), t("fairness.per-hour"), t("fairness.readings"), t("fairness.readers")]}>
          {fairness.value.figures.map((one) => (
            <tr key={one.currency}>
              <td>{one.currency}</td>
              <td>{one.per_hour === null ? t(one.readers === 0 ? "fairness.withheld" : "fairness.not-timed") : money(one.per_hour, one.currency)}</td>
              <td class="figure">{one.readers === 0 ? "" : number(one.readings)}</td>
              <td class="figure">{one.readers === 0 ? "" : number(one.readers)}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}
