/** Whether the shared model serves this hospital better than its own, with the interval that says how sure that is. */
import type { Verdict } from "../model/types";
import type { TextKey } from "../texts";
import { t } from "../texts";
import { moment, Table, Trouble, useLoaded } from "./loading";

export function Verdicts() {
  const { value, error } = useLoaded<readonly Verdict[]>("/api/verdicts");
  const head = ["when", "own", "federated", "interval", "cases", "verdict"] as const;
  return (
    <section>
      <h1>{t("page.verdicts")}</h1>
      <Trouble text={error} />
      {value?.length === 0 && <p>{t("verdicts.none")}</p>}
      {value !== null && value.length > 0 && (
        <Table head={head.map((name) => t(`verdicts.${name}`))}>
          {value.map((verdict) => (
            <tr key={verdict.run_id}>
              <td>{moment(verdict.asked_at)}</td>
              <td class="figure">{figure(verdict.own_auc)}</td>
              <td class="figure">{figure(verdict.federated_auc)}</td>
              <td class="figure">{interval(verdict)}</td>
              <td class="figure">{verdict.cases ?? ""}</td>
              <td>
                <strong>{words(verdict)}</strong>
                {verdict.reason !== null && <p class="hint">{t(`reason.${verdict.reason}` as TextKey)}</p>}
                {verdict.smallest_detectable !== null && (
                  <p class="hint">{t("verdicts.detectable", { figure: figure(verdict.smallest_detectable) })}</p>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function words({ benefit, state }: Verdict): string {
  return benefit === null ? t(`verdict-state.${state}` as TextKey) : t(`verdict.${benefit}` as TextKey);
}

function interval({ low, high }: Verdict): string {
  return low === null || high === null ? "" : `${signed(low)} … ${signed(high)}`;
}

function figure(value: number | null): string {
  return value === null ? "–" : value.toFixed(3);
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}
