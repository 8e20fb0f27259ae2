/** A rate card in words: what a reading is paid, and where a specialty or a difficulty is paid otherwise. */
import type { Departments, PaidProject } from "../../model/desk";
import { t } from "../../texts";
import { moment, Table } from "../loading";
import { departmentInWords, money } from "../words";

interface RateProps {
  readonly rate: PaidProject["rate"];
  readonly departments: Departments | null;
}

export function RateInWords({ rate, departments }: RateProps) {
  if (rate === null) {
    return <p class="warning">{t("rate.none")}</p>;
  }
  return (
    <>
      <p>{t("rate.told", { amount: money(rate.amount, rate.currency), since: moment(rate.since), version: rate.version })}</p>
      {rate.lines.length > 0 && (
        <Table head={[t("rate.department"), t("rate.difficulty"), t("rate.amount")]}>
          {rate.lines.map((line, place) => (
            <tr key={place}>
              <td>{departmentInWords(departments, line.department)}</td>
              <td>{line.difficulty === null ? t("rules.any") : t(`difficulty.${line.difficulty}`)}</td>
              <td class="figure">{money(line.amount, rate.currency)}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}
