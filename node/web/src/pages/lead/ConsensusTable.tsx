/** Closed cases with what their readings say together; open cases are shown to nobody. */
import { useState } from "preact/hooks";

import type { ClosedCases } from "../../model/desk";
import type { Project, Schema } from "../../model/types";
import { t } from "../../texts";
import { Waiting } from "../acting";
import { number, Table, useLoaded } from "../loading";
import { optionInWords, votedInWords } from "../words";
import { two } from "./IntervalBar";

const A_PAGE = 50;

export function ConsensusTable({ project, schema }: { readonly project: Project; readonly schema: Schema | undefined }) {
  const [after, setAfter] = useState<readonly string[]>([]);
  const from = after.at(-1);
  const loaded = useLoaded<ClosedCases>(
    `/api/projects/${project.project_id}/consensus?limit=${A_PAGE}${from === undefined ? "" : `&after=${from}`}`,
  );
  const closed = loaded.value;
  const head = ["case", "question", "option", "posterior", "votes", "abstained", "dissent"] as const;
  return (
    <>
      <h2>{t("consensus.title")}</h2>
      <Waiting loaded={loaded} />
      {closed?.cases.length === 0 && <p>{t("consensus.none")}</p>}
      {closed !== null && closed.cases.length > 0 && (
        <Table head={head.map((name) => t(`consensus.${name}`))}>
          {closed.cases.flatMap(({ case_id, consensus }) =>
            consensus.map((one) => (
              <tr key={`${case_id} ${one.question}`}>
                <td class="code" title={case_id}>{case_id.slice(0, 8)}</td>
                <td>{votedInWords(schema, one.question)}</td>
                <td>{one.option === null ? t("consensus.undecided") : optionInWords(schema, one.question, one.option)}</td>
                <td class="figure">{two(one.posterior)}</td>
                <td class="figure">{number(one.votes)}</td>
                <td class="figure">{number(one.abstentions)}</td>
                <td class="figure">{number(one.dissent.length)}</td>
              </tr>
            )),
          )}
        </Table>
      )}
      <p class="actions">
        {after.length > 0 && <button type="button" onClick={() => { setAfter(after.slice(0, -1)); }}>{t("cases.earlier")}</button>}
        {closed?.next_after && (
          <button type="button" onClick={() => { setAfter([...after, closed.next_after ?? ""]); }}>{t("cases.later")}</button>
        )}
      </p>
    </>
  );
}
