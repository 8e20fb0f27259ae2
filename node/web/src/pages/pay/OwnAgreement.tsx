/** How often a reader said the same of an own earlier case that came again. */
import type { OwnAgreements, Schemas } from "../../model/desk";
import { schemaAsking } from "../../model/extraReads";
import { t } from "../../texts";
import { Waiting } from "../acting";
import { two } from "../lead/IntervalBar";
import { moment, number, Table, useLoaded } from "../loading";
import { votedInWords } from "../words";

const HEAD = ["project", "question", "cases", "share", "kappa"] as const;

export function OwnAgreement({ schemas }: { readonly schemas: Schemas | null }) {
  const loaded = useLoaded<OwnAgreements>("/api/agreement/own");
  const found = loaded.value;
  return (
    <>
      <h2>{t("own-agreement.title")}</h2>
      <p class="hint">{t("own-agreement.says")}</p>
      <Waiting loaded={loaded} />
      {found !== null && <p>{t("own-agreement.until", { until: moment(found.until) })}</p>}
      {found?.figures.length === 0 && <p>{t("own-agreement.none")}</p>}
      {found !== null && found.figures.length > 0 && (
        <>
          <Table head={HEAD.map((name) => t(`own-agreement.${name}`))}>
            {found.figures.map((one) => (
              <tr key={`${one.project_id} ${one.voted}`}>
                <td>{one.title}</td>
                <td>{votedInWords(schemaAsking(schemas?.schemas, one.voted), one.voted)}</td>
                <td class="figure">{number(one.cases)}</td>
                <td class="figure">{two(one.share)}</td>
                <td class="figure">{one.kappa === null ? t("own-agreement.no-kappa") : two(one.kappa)}</td>
              </tr>
            ))}
          </Table>
          <p class="hint">{t("own-agreement.kappa-says")}</p>
        </>
      )}
    </>
  );
}
