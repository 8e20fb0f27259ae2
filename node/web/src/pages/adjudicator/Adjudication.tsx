/** An adjudicator's desk: what waits and what they hold. First the blind read, then the opinions, then the verdict. */
import { useState } from "preact/hooks";

import { get, send } from "../../api/client";
import type { Adjudications, OpenAdjudication, Schemas } from "../../model/desk";
import type { Assignment } from "../../model/types";
import { adjudicating } from "../../state/adjudicating";
import { closeCase, openCase } from "../../state/reading";
import { page } from "../../state/session";
import { t } from "../../texts";
import { Waiting } from "../acting";
import { sentence, Table, Trouble, useLoaded } from "../loading";
import { money, schemaOf, votedInWords } from "../words";
import { VerdictDesk } from "./VerdictDesk";

export function Adjudication() {
  const loaded = useLoaded<Adjudications>("/api/adjudications");
  const schemas = useLoaded<Schemas>("/api/schemas").value;
  const [refused, setRefused] = useState<unknown>(null);
  const [chosen, setChosen] = useState(adjudicating.value?.adjudicationId ?? null);
  const [told, setTold] = useState(false);
  const all = loaded.value?.adjudications ?? [];
  const deciding = all.find((one) => one.adjudication_id === chosen && one.state === "opinions");
  const read = async (one: OpenAdjudication) => {
    try {
      const sheet = await sheetOf(one);
      closeCase();
      openCase(sheet);
      adjudicating.value = { adjudicationId: one.adjudication_id, assignmentId: sheet.assignment_id };
      page.value = "reading";
    } catch (refusal) {
      setRefused(refusal);
      await loaded.again();
    }
  };
  const decided = async () => {
    adjudicating.value = null;
    setChosen(null);
    setTold(true);
    await loaded.again();
  };
  return (
    <section>
      <h1>{t("page.adjudication")}</h1>
      <p class="hint">{t("adjudicator.says")}</p>
      <Waiting loaded={loaded} />
      <Trouble text={refused === null ? "" : sentence(refused)} />
      <p class="news" role="status">{told ? t("verdict-of.done") : ""}</p>
      {loaded.value !== null && all.length === 0 && <p>{t("adjudicator.none")}</p>}
      {deciding !== undefined && (
        <VerdictDesk key={deciding.adjudication_id} adjudication={deciding} done={decided}
          schema={schemaOf(schemas?.schemas, deciding.schema_code, deciding.schema_version)} />
      )}
      {all.length > 0 && <List all={all} schemas={schemas} read={(one) => void read(one)} decide={setChosen} />}
    </section>
  );
}

/** The case to be read blind: taken now, or held since before. */
async function sheetOf(one: OpenAdjudication): Promise<Assignment> {
  const held = one.state === "blind" && one.assignment_id !== null;
  return (held
    ? await get(`/api/assignments/${one.assignment_id}`)
    : await send("POST", `/api/adjudications/${one.adjudication_id}/taking`)) as Assignment;
}

interface ListProps {
  readonly all: readonly OpenAdjudication[];
  readonly schemas: Schemas | null;
  readonly read: (one: OpenAdjudication) => void;
  readonly decide: (adjudicationId: string) => void;
}

function List({ all, schemas, read, decide }: ListProps) {
  return (
    <Table head={[t("worklist.project"), t("adjudication.question"), t("adjudication.state"), t("rate.title"), t("adjudicator.step")]}>
      {all.map((one) => (
        <tr key={one.adjudication_id}>
          <td>{one.title}</td>
          <td>{votedInWords(schemaOf(schemas?.schemas, one.schema_code, one.schema_version), one.question)}</td>
          <td>{t(`adjudicating-own.${one.state}`)}</td>
          <td class="figure">{one.rate === null ? t("adjudicator.unpaid") : money(one.rate.amount, one.rate.currency)}</td>
          <td>
            {one.state === "needed" && <button type="button" onClick={() => { read(one); }}>{t("adjudicator.take")}</button>}
            {one.state === "blind" && <button type="button" class="main" onClick={() => { read(one); }}>{t("adjudicator.go-on")}</button>}
            {one.state === "opinions" && (
              <button type="button" class="main" onClick={() => { decide(one.adjudication_id); }}>{t("adjudicator.opinions")}</button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}
