/** How a reader's own first readings of gold cases stand, once their month is over, and an objection to a verdict. */
import { useState } from "preact/hooks";

import { monthAfter, today } from "../../model/dates";
import type { ContestReason, GoldVerdict, GoldVerdicts as Verdicts, Schemas } from "../../model/desk";
import { t } from "../../texts";
import { Outcome, useActs, Waiting } from "../acting";
import { MonthSteps, SelectField } from "../fields";
import { number, Table, useLoaded } from "../loading";
import { OwnAgreement } from "./OwnAgreement";
import { optionInWords, schemaOf, votedInWords } from "../words";

const REASONS = ["gold-wrong", "several-right", "image-poor", "guideline-unclear"] as const satisfies readonly ContestReason[];

export function GoldVerdicts() {
  const last = monthAfter(today().slice(0, 7), -1);
  const [month, setMonth] = useState(last);
  const path = `/api/pay/own/verdicts/${month}`;
  const loaded = useLoaded<Verdicts>(path);
  const schemas = useLoaded<Schemas>("/api/schemas").value;
  const acts = useActs(loaded.again);
  const verdicts = loaded.value?.verdicts ?? [];
  const right = verdicts.filter((one) => one.right).length;
  const contest = (one: GoldVerdict, reason: ContestReason) => {
    void acts.act("POST", `${path}/contests`, { reading_id: one.reading_id, voted: one.voted, reason }, () => t("verdicts-own.contested"));
  };
  const head = ["project", "case", "question", "said", "known", "result"] as const;
  return (
    <section>
      <h1>{t("page.gold")}</h1>
      <p class="hint">{t("verdicts-own.says")}</p>
      <MonthSteps month={month} change={setMonth} last={last} />
      <Waiting loaded={loaded} />
      <Outcome acts={acts} />
      {loaded.value !== null && verdicts.length === 0 && <p>{t("verdicts-own.none")}</p>}
      {verdicts.length > 0 && <p>{t("verdicts-own.told", { right: number(right), all: number(verdicts.length) })}</p>}
      {verdicts.length > 0 && (
        <Table head={head.map((name) => t(`verdicts-own.${name}`))}>
          {verdicts.map((one) => (
            <Row key={`${one.reading_id} ${one.voted}`} verdict={one} schemas={schemas} busy={acts.busy} contest={contest} />
          ))}
        </Table>
      )}
      <OwnAgreement schemas={schemas} />
    </section>
  );
}

interface RowProps {
  readonly verdict: GoldVerdict;
  readonly schemas: Schemas | null;
  readonly busy: boolean;
  readonly contest: (verdict: GoldVerdict, reason: ContestReason) => void;
}

function Row({ verdict, schemas, busy, contest }: RowProps) {
  const schema = schemaOf(schemas?.schemas, verdict.schema_code, verdict.schema_version);
  const [reason, setReason] = useState<ContestReason | "">("");
  return (
    <tr>
      <td>{verdict.title}</td>
      <td class="code" title={verdict.case_id}>{verdict.case_id.slice(0, 8)}</td>
      <td>{votedInWords(schema, verdict.voted)}</td>
      <td>{optionInWords(schema, verdict.voted, verdict.said)}</td>
      <td>{optionInWords(schema, verdict.voted, verdict.known)}</td>
      <td>
        {t(verdict.right ? "verdicts-own.right" : "verdicts-own.wrong")}
        {verdict.contest !== null && <p class="hint">{t(`contest-own.${verdict.contest}`)}</p>}
        {!verdict.right && verdict.contest === null && (
          <details>
            <summary>{t("verdicts-own.contest")}</summary>
            <SelectField label={t("verdicts-own.why")} value={reason} none={t("desk.choose")}
              options={REASONS.map((one) => [one, t(`contest-reason.${one}`)])} change={setReason} />
            <button type="button" disabled={reason === "" || busy} onClick={() => { if (reason !== "") { contest(verdict, reason); } }}>
              {t("verdicts-own.send")}
            </button>
          </details>
        )}
      </td>
    </tr>
  );
}
