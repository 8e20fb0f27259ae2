/** What an update was before fixed point and any mask, as the hospital's own ledger keeps it: digest, norm, sizes of changes. */
import type { LedgerEntry } from "../model/types";
import { spans } from "../model/histogram";
import { updateWords } from "../model/updateWords";
import { t } from "../texts";
import { number } from "./loading";

export function UpdateShape({ entry }: { readonly entry: LedgerEntry }) {
  const { update_sha256: digest, update_norm: norm, update_histogram: counts } = entry;
  if (digest === null || norm === null) {
    return null;
  }
  const words = updateWords(entry.message_kind);
  return (
    <details class="update-shape">
      <summary>{t(words.title)}</summary>
      <p class="hint">{t(words.about)}</p>
      <p class="code">{digest}</p>
      <p>{t("left.norm", { norm: norm.toPrecision(4) })}</p>
      {counts === null ? <p class="hint">{t("left.no-histogram")}</p> : <Sizes counts={counts} />}
    </details>
  );
}

function Sizes({ counts }: { readonly counts: readonly number[] }) {
  const all = Math.max(1, counts.reduce((sum, count) => sum + count, 0));
  return (
    <table>
      <caption>{t("left.histogram")}</caption>
      <tbody>
        {spans(counts).map(({ from, to, count }) => (
          <tr key={from}>
            <th scope="row">{to === null ? t("left.size-over", { from }) : t("left.size", { from, to })}</th>
            <td>{number(count)}</td>
            <td>
              <meter min={0} max={all} value={count} aria-hidden="true" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
