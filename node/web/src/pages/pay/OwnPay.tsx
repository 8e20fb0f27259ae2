/** A reader's own pay: the account of a month, every statement, who else saw one, and the own figure an hour. */
import { useState } from "preact/hooks";

import { monthInWords, today } from "../../model/dates";
import type { OwnPay as Pay } from "../../model/desk";
import { language } from "../../state/session";
import { t } from "../../texts";
import { Waiting } from "../acting";
import { MonthSteps } from "../fields";
import { moment, number, Table, useLoaded } from "../loading";
import { money } from "../words";

export function OwnPay() {
  const running = today().slice(0, 7);
  const [month, setMonth] = useState(running);
  const loaded = useLoaded<Pay>(`/api/pay/own?month=${month}`);
  const pay = loaded.value;
  return (
    <section>
      <h1>{t("page.pay")}</h1>
      <p class="hint">{t("pay.says")}</p>
      <MonthSteps month={month} change={setMonth} last={running} />
      <Waiting loaded={loaded} />
      {pay !== null && pay.accounts.length === 0 && <p>{t("pay.nothing", { month: monthInWords(pay.month, language.value) })}</p>}
      {pay?.accounts.map((account) => <Account key={account.currency} account={account} />)}
      {pay !== null && pay.hourly.length > 0 && <Hourly pay={pay} />}
      {pay !== null && <Statements pay={pay} />}
    </section>
  );
}

function Account({ account }: { readonly account: Pay["accounts"][number] }) {
  const { currency, lines, entries, gross } = account;
  return (
    <div class="card">
      <h2>{t("pay.account", { currency })}</h2>
      <Table head={[t("worklist.project"), t("pay.rate"), t("pay.readings"), t("pay.total")]}>
        {lines.map((line) => (
          <tr key={`${line.project_id} ${line.amount}`}>
            <td>{line.title}</td>
            <td class="figure">{money(line.amount, currency)}</td>
            <td class="figure">{number(line.readings)}</td>
            <td class="figure">{money(line.total, currency)}</td>
          </tr>
        ))}
        {entries.map((entry, place) => (
          <tr key={place}>
            <td>{t("pay.entry", { reason: t(`correction.${entry.reason}`), when: moment(entry.made_at) })}</td>
            <td class="figure" />
            <td class="figure" />
            <td class="figure">{money(entry.amount, currency)}</td>
          </tr>
        ))}
        <tr>
          <th scope="row">{t("pay.gross")}</th>
          <td class="figure" />
          <td class="figure" />
          <td class="figure"><strong>{money(gross, currency)}</strong></td>
        </tr>
      </Table>
    </div>
  );
}

function Hourly({ pay }: { readonly pay: Pay }) {
  const told = pay.hourly.filter((one) => one.per_hour !== null);
  return (
    <p class="hint">
      {told.length === 0
        ? t("pay.not-timed")
        : t("pay.hourly", { figure: told.map((one) => money(one.per_hour ?? "", one.currency)).join(", ") })}
    </p>
  );
}

function Statements({ pay }: { readonly pay: Pay }) {
  if (pay.statements.length === 0) {
    return <p>{t("pay.no-statements")}</p>;
  }
  const head = ["month", "category", "gross", "income-tax", "local-tax", "net", "file"] as const;
  return (
    <>
      <h2>{t("pay.statements")}</h2>
      <Table head={head.map((name) => t(`pay.${name}`))}>
        {pay.statements.map((one) => (
          <tr key={one.statement_id}>
            <td>{monthInWords(one.month, language.value)}</td>
            <td>{t(`category.${one.category}`)}</td>
            <td class="figure">{money(one.gross, one.currency)}</td>
            <td class="figure">{money(one.income_tax, one.currency)}</td>
            <td class="figure">{money(one.local_tax, one.currency)}</td>
            <td class="figure">{money(one.net, one.currency)}</td>
            <td>
              <a href={`/api/pay/own/statements/${one.statement_id}/file`} download>
                {t("pay.download")}
              </a>{" "}
              <a href={`/api/pay/own/statements/${one.statement_id}/print?language=${language.value}`} download>
                {t("pay.print")}
              </a>
            </td>
          </tr>
        ))}
      </Table>
      {pay.looks.length > 0 && (
        <>
          <h3>{t("pay.looks")}</h3>
          <ul>
            {pay.looks.map((look, place) => (
              <li key={place}>
                {t("pay.look", { when: moment(look.at), month: monthOf(pay, look.statement_id), by: look.by.slice(0, 8) })}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function monthOf(pay: Pay, statementId: string): string {
  const found = pay.statements.find((one) => one.statement_id === statementId);
  return found === undefined ? "" : monthInWords(found.month, language.value);
}
