/** Gold cases by a file of the hospital's own numbers, read in this page alone; and readers' objections to verdicts. */
import { useState } from "preact/hooks";

import type { Contest, Contests, GoldResult } from "../../model/desk";
import type { ReadFile } from "../../model/references";
import { referencesOf } from "../../model/references";
import type { Schema } from "../../model/types";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import type { Acts } from "../acting";
import { Outcome, useActs, Waiting } from "../acting";
import { Form } from "../fields";
import { moment, number, Table, useLoaded } from "../loading";
import { optionInWords, votedInWords } from "../words";
import type { PartProps } from "./ProjectDesk";

export function GoldPart({ project, schema }: PartProps) {
  const path = `/api/projects/${project.project_id}`;
  const loaded = useLoaded<Contests>(`${path}/contests`);
  const acts = useActs(loaded.again);
  const decide = (one: Contest, upheld: boolean) => {
    const body = { reading_id: one.reading_id, voted: one.voted, upheld };
    void acts.act("POST", `${path}/contests/decision`, body, () => t(upheld ? "contest.upheld-done" : "contest.rejected-done"));
  };
  return (
    <>
      <Outcome acts={acts} />
      <h2>{t("contest.title")}</h2>
      <p class="hint">{t("contest.says")}</p>
      <Waiting loaded={loaded} />
      {loaded.value?.contests.length === 0 && <p>{t("contest.none")}</p>}
      {loaded.value !== null && loaded.value.contests.length > 0 && (
        <ContestTable contests={loaded.value.contests} schema={schema} busy={acts.busy} decide={decide} />
      )}
      {schema !== undefined && project.state !== "archived" && <GoldForm path={`${path}/gold`} schema={schema} acts={acts} />}
    </>
  );
}

interface ContestTableProps {
  readonly contests: readonly Contest[];
  readonly schema: Schema | undefined;
  readonly busy: boolean;
  readonly decide: (one: Contest, upheld: boolean) => void;
}

function ContestTable({ contests, schema, busy, decide }: ContestTableProps) {
  const head = ["case", "question", "said", "known", "reason", "when", "state"] as const;
  return (
    <Table head={head.map((name) => t(`contest.${name}`))}>
      {contests.map((one) => (
        <tr key={`${one.reading_id} ${one.voted}`}>
          <td class="code" title={one.case_id}>{one.case_id.slice(0, 8)}</td>
          <td>{votedInWords(schema, one.voted)}</td>
          <td>{optionInWords(schema, one.voted, one.said)}</td>
          <td>{optionInWords(schema, one.voted, one.known)}</td>
          <td>{t(`contest-reason.${one.reason}`)}</td>
          <td>{moment(one.raised_at)}</td>
          <td>
            {one.state !== "open" ? (
              t(`contest-state.${one.state}`)
            ) : (
              <span class="actions">
                <button type="button" disabled={busy} onClick={() => { decide(one, true); }}>{t("contest.uphold")}</button>
                <button type="button" disabled={busy} onClick={() => { decide(one, false); }}>{t("contest.reject")}</button>
              </span>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

interface GoldFormProps {
  readonly path: string;
  readonly schema: Schema;
  readonly acts: Acts;
}

/** Known answers need a schema of one question, as the node says where there are more. */
function GoldForm({ path, schema, acts }: GoldFormProps) {
  const [read, setRead] = useState<ReadFile | null>(null);
  const [name, setName] = useState("");
  const [question] = schema.questions;
  const options = question?.options ?? [];
  const open = async (file: File | undefined) => {
    setName(file?.name ?? "");
    setRead(file === undefined ? null : referencesOf(await file.text(), options.map((one) => one.code)));
  };
  const rows = read !== null && "rows" in read ? read.rows : null;
  const told = (answer: unknown) => {
    const { matched, unmatched } = answer as GoldResult;
    return t("gold.set-done", { matched: number(matched), unmatched: number(unmatched) });
  };
  return (
    <Form title={t("gold.title")} send={() => void acts.act("PUT", path, { rows }, told)}>
      <p class="hint">{t("gold.says")}</p>
      {schema.questions.length > 1 ? (
        <p class="hint">{t("gold.one-question")}</p>
      ) : (
        <>
          <p class="hint">{t("gold.options")}: {options.map((one) => `${one.code} (${say(one.text, language.value)})`).join(", ")}</p>
          <div class="file">
            <input id="gold-file" class="unseen" type="file" accept=".csv,.txt,text/csv,text/plain"
              onChange={(event) => void open(event.currentTarget.files?.[0])} />
            <label for="gold-file">{t("gold.file")}</label>
            <span class="hint">{name === "" ? t("gold.no-file") : name}</span>
          </div>
          {read !== null && "line" in read && <p class="fault" role="alert">{t("gold.line", { line: number(read.line) })}</p>}
          {rows !== null && <p role="status">{t("gold.read", { rows: number(rows.length) })}</p>}
          <button type="submit" class="main" disabled={rows === null || acts.busy}>
            {t("gold.set")}
          </button>
        </>
      )}
    </Form>
  );
}
