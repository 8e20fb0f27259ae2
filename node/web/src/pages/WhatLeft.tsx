/** What left this hospital: every message, when, how large, its digest, whether it arrived and whether its bytes are still kept. */
import type { Ledger, LedgerEntry } from "../model/types";
import { language } from "../state/session";
import { say, t } from "../texts";
import type { TextKey } from "../texts";
import { moment, number, Table, Trouble, useLoaded } from "./loading";
import { UpdateShape } from "./UpdateShape";

export function WhatLeft() {
  const { value, error } = useLoaded<Ledger>("/api/ledger?limit=500");
  return (
    <section>
      <h1>{t("page.left")}</h1>
      <Trouble text={error} />
      {value !== null && <Chain ledger={value} />}
      {value?.root && <Root root={value.root} />}
      {value?.entries.length === 0 && <p>{t("left.none")}</p>}
      {value !== null && value.entries.length > 0 && <Entries entries={value.entries} />}
    </section>
  );
}

function Chain({ ledger: { total, check } }: { readonly ledger: Ledger }) {
  if (check !== null && check.broken_entry !== null && check.fault !== null) {
    return (
      <p class="trouble" role="alert">
        {t("left.broken", { entry: check.broken_entry, fault: say(check.fault, language.value) })}
      </p>
    );
  }
  return (
    <p class="actions">
      <span>{t("left.total", { entries: number(total) })}</span>
      <a href="/api/ledger/file" download>
        {t("left.download")}
      </a>
    </p>
  );
}

function Root({ root }: { readonly root: NonNullable<Ledger["root"]> }) {
  return (
    <p class="actions">
      <span>
        {t("left.root", { day: root.day, entries: number(root.entries), words: root.words })}{" "}
        {root.witnessed_at === null ? t("left.not-witnessed") : t("left.witnessed", { at: moment(root.witnessed_at) })}
      </span>
      <a href="/api/ledger/root" download>
        {t("left.root-download")}
      </a>
    </p>
  );
}

function Entries({ entries }: { readonly entries: readonly LedgerEntry[] }) {
  const head = ["number", "when", "kind", "round", "bytes", "state", "digest"] as const;
  return (
    <Table head={head.map((name) => t(`left.${name}`))}>
      {[...entries].reverse().map((entry) => (
        <tr key={entry.number}>
          <td class="figure">{entry.number}</td>
          <td>{moment(entry.written_at)}</td>
          <td>{t(`kind.${entry.message_kind}` as TextKey)}</td>
          <td class="figure">{entry.round ?? ""}</td>
          <td class="figure">{number(entry.sent_bytes)}</td>
          <td>
            {t(`delivery.${entry.passage}` as TextKey)}
            {entry.emptied_at !== null && <p class="hint">{t("left.emptied", { since: moment(entry.emptied_at) })}</p>}
          </td>
          <td>
            <span class="code">{entry.sent_sha256}</span>
            <UpdateShape entry={entry} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
