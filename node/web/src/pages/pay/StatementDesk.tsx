/** The statements of a closed month. Each is opened by itself, because its reader is told of every look. */
import { useState } from "preact/hooks";

import { get } from "../../api/client";
import { signedAmountOf } from "../../model/amounts";
import type { CorrectionReason, NamedStatement } from "../../model/desk";
import { language } from "../../state/session";
import { t } from "../../texts";
import { Outcome, useActs } from "../acting";
import { Form, SelectField, TextField } from "../fields";
import { number, sentence, Trouble } from "../loading";
import { money } from "../words";

const REASONS = [
  "wrong-rate", "counted-twice", "not-counted", "wrong-category", "contest-upheld",
] as const satisfies readonly CorrectionReason[];

export function StatementDesk({ ids }: { readonly ids: readonly string[] }) {
  const [shown, setShown] = useState<NamedStatement | null>(null);
  const [trouble, setTrouble] = useState("");
  const open = async (statementId: string) => {
    try {
      setShown((await get(`/api/pay/statements/${statementId}`)) as NamedStatement);
      setTrouble("");
    } catch (refusal) {
      setTrouble(sentence(refusal));
    }
  };
  return (
    <>
      <h2>{t("pay.statements")}</h2>
      <p class="hint">{ids.length === 0 ? t("statement.none") : t("statement.says")}</p>
      <Trouble text={trouble} />
      <div class="actions">
        {ids.map((one, place) => (
          <button key={one} type="button" aria-pressed={shown?.statement_id === one} onClick={() => void open(one)}>
            {t("statement.open", { number: number(place + 1) })}
          </button>
        ))}
      </div>
      {shown !== null && <Shown key={shown.statement_id} statement={shown} />}
    </>
  );
}

function Shown({ statement }: { readonly statement: NamedStatement }) {
  const { name, category, currency } = statement;
  const figures = ["gross", "income_tax", "local_tax", "net"] as const;
  return (
    <article class="card">
      <h3>{name}</h3>
      <dl>
        <dt>{t("pay.category")}</dt>
        <dd>{t(`category.${category}`)}</dd>
        {figures.map((figure) => (
          <>
            <dt>{t(`pay.${figure === "income_tax" ? "income-tax" : figure === "local_tax" ? "local-tax" : figure}`)}</dt>
            <dd>{money(statement[figure], currency)}</dd>
          </>
        ))}
      </dl>
      <p>
        <a href={`/api/pay/statements/${statement.statement_id}/file`} download>
          {t("pay.download")}
        </a>{" "}
        <a href={`/api/pay/statements/${statement.statement_id}/print?language=${language.value}`} download>
          {t("pay.print")}
        </a>
      </p>
      <CorrectionForm statement={statement} />
    </article>
  );
}

function CorrectionForm({ statement }: { readonly statement: NamedStatement }) {
  const [amount, setAmount] = useState("");
  const [reason, setReason] = useState<CorrectionReason | "">("");
  const acts = useActs(() => Promise.resolve());
  const exact = signedAmountOf(amount);
  const send = async () => {
    const path = `/api/pay/statements/${statement.statement_id}/corrections`;
    const told = () => t("statement.corrected", { amount: money(exact ?? "", statement.currency) });
    if ((await acts.act("POST", path, { amount: exact, reason }, told)) !== undefined) {
      setAmount("");
      setReason("");
    }
  };
  return (
    <Form title={t("statement.correct")} send={() => void send()}>
      <p class="hint">{t("statement.correct-says")}</p>
      <Outcome acts={acts} />
      <div class="row">
        <TextField label={t("statement.amount", { currency: statement.currency })} value={amount} numeric longest={18} change={setAmount} />
        <SelectField label={t("statement.reason")} value={reason} none={t("desk.choose")}
          options={REASONS.map((one) => [one, t(`correction.${one}`)])} change={setReason} />
      </div>
      <button type="submit" disabled={exact === null || reason === "" || acts.busy}>
        {t("statement.correct")}
      </button>
    </Form>
  );
}
