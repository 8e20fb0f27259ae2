/** What the readers said, unnamed and in an order of its own, beside the verdict with its reason. */
import { useState } from "preact/hooks";

import type { OpenAdjudication, Opinions, VerdictReason } from "../../model/desk";
import { VERDICT_REASONS, verdictStands } from "../../model/life";
import type { Schema } from "../../model/types";
import { t } from "../../texts";
import type { TextKey } from "../../texts";
import { Outcome, useActs, Waiting } from "../acting";
import { Form, SelectField } from "../fields";
import { Table, useLoaded } from "../loading";
import { optionInWords, votedInWords } from "../words";

const UNDECIDED = "(undecided)";

interface VerdictDeskProps {
  readonly adjudication: OpenAdjudication;
  readonly schema: Schema | undefined;
  readonly done: () => Promise<void>;
}

export function VerdictDesk({ adjudication, schema, done }: VerdictDeskProps) {
  const path = `/api/adjudications/${adjudication.adjudication_id}`;
  const loaded = useLoaded<Opinions>(`${path}/opinions`);
  const found = loaded.value;
  return (
    <div class="card">
      <h2>{votedInWords(schema, adjudication.question)}</h2>
      <Waiting loaded={loaded} />
      {found !== null && (
        <>
          <h3>{t("opinions.title")}</h3>
          <p class="hint">{t("opinions.says")}</p>
          {found.opinions.length === 0 ? <p>{t("opinions.none")}</p> : <OpinionTable found={found} schema={schema} />}
          <VerdictForm found={found} schema={schema} path={path} done={done} />
        </>
      )}
    </div>
  );
}

interface FoundProps {
  readonly found: Opinions;
  readonly schema: Schema | undefined;
}

function OpinionTable({ found, schema }: FoundProps) {
  return (
    <Table head={[t("opinions.reader"), t("opinions.said"), t("opinions.confidence")]}>
      {found.opinions.map(({ letter, answer }) => (
        <tr key={letter}>
          <th scope="row">{letter}</th>
          <td>{saidInWords(found.question, answer, schema)}</td>
          <td>{answer.confidence === null || answer.confidence === undefined ? "" : `${String(Math.round(answer.confidence * 100))} %`}</td>
        </tr>
      ))}
    </Table>
  );
}

function saidInWords(question: string, answer: Opinions["opinions"][number]["answer"], schema: Schema | undefined): string {
  if (answer.abstention !== null && answer.abstention !== undefined) {
    return t(`abstention.${answer.abstention}` as TextKey);
  }
  if (answer.option !== null && answer.option !== undefined) {
    return optionInWords(schema, question.split("/")[0] ?? question, answer.option);
  }
  const chosen = answer.options ?? [];
  return chosen.map((one) => optionInWords(schema, question.split("/")[0] ?? question, one)).join(", ") || t("opinions.nothing-chosen");
}

interface VerdictFormProps extends FoundProps {
  readonly path: string;
  readonly done: () => Promise<void>;
}

function VerdictForm({ found, schema, path, done }: VerdictFormProps) {
  const [said, setSaid] = useState("");
  const [reason, setReason] = useState<VerdictReason | "">("");
  const acts = useActs(() => Promise.resolve());
  const option = said === UNDECIDED ? null : said;
  const reasons = VERDICT_REASONS.filter((one) => said === "" || verdictStands(option, one));
  const stands = said !== "" && reason !== "" && verdictStands(option, reason);
  const send = async () => {
    if ((await acts.act("POST", `${path}/verdict`, { option, reason })) !== undefined) {
      await done();
    }
  };
  const options = found.options.map((one) => [one, optionInWords(schema, found.question, one)] as const);
  return (
    <Form title={t("verdict-of.title")} send={() => void send()}>
      <p class="hint">{t("verdict-of.says")}</p>
      <Outcome acts={acts} />
      <SelectField label={t("verdict-of.option")} value={said} none={t("desk.choose")}
        options={[...options, [UNDECIDED, t("verdict-of.none")] as const]}
        change={(one) => { setSaid(one); setReason(""); }} />
      <SelectField label={t("verdict-of.reason")} value={reason} none={t("desk.choose")}
        options={reasons.map((one) => [one, t(`verdict-reason.${one}`)])} change={setReason} />
      <button type="submit" class="main" disabled={!stands || acts.busy}>
        {t("verdict-of.send")}
      </button>
    </Form>
  );
}
