/** A month as who pays sees it: totals by project, its closing for good, and its statements, opened one at a time. */
import { useState } from "preact/hooks";

import { monthAfter, monthInWords, today } from "../../model/dates";
import type { PayMonth } from "../../model/desk";
import { language } from "../../state/session";
import { t } from "../../texts";
import type { Acts } from "../acting";
import { Outcome, useActs, Waiting } from "../acting";
import { CheckField, Form, MonthSteps } from "../fields";
import { moment, number, Table, useLoaded } from "../loading";
import { money } from "../words";
import { StatementDesk } from "./StatementDesk";

export function MonthDesk() {
  const running = today().slice(0, 7);
  const [month, setMonth] = useState(monthAfter(running, -1));
  const loaded = useLoaded<PayMonth>(`/api/pay/months/${month}`);
  const acts = useActs(loaded.again);
  const shown = loaded.value?.month === month ? loaded.value : null;
  return (
    <>
      <MonthSteps month={month} change={setMonth} last={running} />
      <Outcome acts={acts} />
      <Waiting loaded={{ value: shown, error: loaded.error }} />
      {shown !== null && <Totals month={shown} />}
      {shown !== null && shown.closed_at === null && <Closing key={month} month={shown} acts={acts} running={running} />}
      {shown !== null && shown.closed_at !== null && (
        <>
          <p class="hint">{t("month.closed", { when: moment(shown.closed_at) })}</p>
          <StatementDesk key={month} ids={shown.statement_ids} />
        </>
      )}
    </>
  );
}

function Totals({ month: { projects } }: { readonly month: PayMonth }) {
  if (projects.length === 0) {
    return <p>{t("month.nothing")}</p>;
  }
  return (
    <Table head={[t("worklist.project"), t("pay.readings"), t("pay.total")]}>
      {projects.map((one) => (
        <tr key={`${one.project_id} ${one.currency}`}>
          <td>{one.title}</td>
          <td class="figure">{number(one.readings)}</td>
          <td class="figure">{money(one.total, one.currency)}</td>
        </tr>
      ))}
    </Table>
  );
}

interface ClosingProps {
  readonly month: PayMonth;
  readonly acts: Acts;
  readonly running: string;
}

function Closing({ month: { month, without_category }, acts, running }: ClosingProps) {
  const [sure, setSure] = useState(false);
  const words = monthInWords(month, language.value);
  if (month >= running) {
    return <p class="hint">{t("month.runs")}</p>;
  }
  const close = () => void acts.act("POST", `/api/pay/months/${month}/closing`, undefined, () => t("month.close-done", { month: monthInWords(month, language.value) }));
  return (
    <Form title={t("month.close", { month: words })} send={close}>
      <p class="hint">{t("month.close-says")}</p>
      {without_category > 0 && <p class="warning">{t("month.without-category", { readers: number(without_category) })}</p>}
      <CheckField label={t("month.sure")} value={sure} change={setSure} />
      <button type="submit" class="main" disabled={!sure || acts.busy || without_category > 0}>
        {t("month.close", { month: words })}
      </button>
    </Form>
  );
}
