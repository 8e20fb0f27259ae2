/** What readers raised with the two buttons, for those who answer it; for IT only how much stands open. */
import { useState } from "preact/hooks";

import type { Concern, ConcernAlike, ConcernKind, ConcernOutcome, Concerns as All, OpenCounts } from "../../model/desk";
import { holds } from "../../state/session";
import { t } from "../../texts";
import type { Acts } from "../acting";
import { Outcome, useActs, Waiting } from "../acting";
import { Form, SelectField } from "../fields";
import { moment, number, Table, useLoaded } from "../loading";

const OUTCOMES: Record<ConcernKind, readonly ConcernOutcome[]> = {
  "needs-attention": ["patient-called", "known-already", "no-action-needed"],
  "identity-visible": ["images-deleted", "cleaning-mended", "names-nobody"],
};

export function Concerns() {
  return (
    <section>
      <h1>{t("page.concerns")}</h1>
      {holds("steward", "clinician") ? <Own /> : <Counts />}
    </section>
  );
}

function Counts() {
  const loaded = useLoaded<OpenCounts>("/api/concerns/open");
  return (
    <>
      <p class="hint">{t("concerns.counts-say")}</p>
      <Waiting loaded={loaded} />
      {loaded.value?.kinds.every((one) => one.open === 0) && <p>{t("concerns.none-open")}</p>}
      {loaded.value !== null && loaded.value.kinds.length > 0 && (
        <Table head={[t("concerns.kind"), t("concerns.open"), t("concerns.alarming")]}>
          {loaded.value.kinds.map((one) => (
            <tr key={one.kind}>
              <td>{t(`concern.${one.kind}`)}</td>
              <td class="figure">{number(one.open)}</td>
              <td class="figure">{number(one.alarming)}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

function Own() {
  const loaded = useLoaded<All>("/api/concerns");
  const acts = useActs(loaded.again);
  const all = loaded.value?.concerns ?? [];
  const alarming = all.filter((one) => one.alarm).length;
  const open = all.filter((one) => one.outcome === null);
  const closed = all.filter((one) => one.outcome !== null);
  return (
    <>
      {holds("clinician") && <p class="hint">{t("concerns.clinician-says")}</p>}
      {holds("steward") && <p class="hint">{t("concerns.steward-says")}</p>}
      {alarming > 0 && <p class="warning" role="note">{t("concerns.alarm", { concerns: number(alarming) })}</p>}
      <Outcome acts={acts} />
      <Waiting loaded={loaded} />
      {loaded.value !== null && open.length === 0 && <p>{t("concerns.none-open")}</p>}
      {open.map((one) => <OpenConcern key={one.concern_id} concern={one} acts={acts} />)}
      {closed.length > 0 && <Closed concerns={closed} />}
    </>
  );
}

function OpenConcern({ concern, acts }: { readonly concern: Concern; readonly acts: Acts }) {
  const [outcome, setOutcome] = useState<ConcernOutcome | "">("");
  const { kind } = concern;
  return (
    <article class="card">
      <h2>{t(`concern.${kind}`)}</h2>
      {concern.alarm && <p class="fault">{t("concerns.too-long")}</p>}
      <dl>
        <dt>{t("concerns.case")}</dt>
        <dd class="code">{concern.case_id}</dd>
        <dt>{t("concerns.raised")}</dt>
        <dd>{moment(concern.raised_at)}</dd>
        {kind === "identity-visible" && (
          <>
            <dt>{t("concerns.images")}</dt>
            <dd>{concern.images_held_at === null ? t("concerns.not-held") : t("concerns.held", { when: moment(concern.images_held_at) })}</dd>
          </>
        )}
      </dl>
      {kind === "identity-visible" && <Alike concernId={concern.concern_id} />}
      <Form send={() => void acts.act("POST", `/api/concerns/${concern.concern_id}/closing`, { outcome }, () => t("concerns.closed-done"))} label={t("concerns.close")}>
        <SelectField label={t("concerns.outcome")} value={outcome} none={t("desk.choose")} hint={t(`concerns.${kind}-next`)}
          options={OUTCOMES[kind].map((one) => [one, t(`outcome.${one}`)])} change={setOutcome} />
        <button type="submit" class="main" disabled={outcome === "" || acts.busy}>
          {t("concerns.close")}
        </button>
      </Form>
    </article>
  );
}

function Alike({ concernId }: { readonly concernId: string }) {
  const loaded = useLoaded<ConcernAlike>(`/api/concerns/${concernId}/alike`);
  const series = loaded.value?.series ?? [];
  return (
    <details>
      <summary>{t("concerns.alike", { series: number(series.length) })}</summary>
      <Waiting loaded={loaded} />
      {loaded.value !== null && series.length === 0 && <p>{t("concerns.none-alike")}</p>}
      {series.length > 0 && (
        <Table head={[t("concerns.series"), t("concerns.image-count")]}>
          {series.map((one) => (
            <tr key={one.series_uid}>
              <td class="code">{one.series_uid}</td>
              <td class="figure">{number(one.images)}</td>
            </tr>
          ))}
        </Table>
      )}
    </details>
  );
}

function Closed({ concerns }: { readonly concerns: readonly Concern[] }) {
  return (
    <>
      <h2>{t("concerns.closed")}</h2>
      <Table head={[t("concerns.kind"), t("concerns.case"), t("concerns.raised"), t("concerns.outcome"), t("concerns.closed-at")]}>
        {concerns.map((one) => (
          <tr key={one.concern_id}>
            <td>{t(`concern.${one.kind}`)}</td>
            <td class="code" title={one.case_id}>{one.case_id.slice(0, 8)}</td>
            <td>{moment(one.raised_at)}</td>
            <td>{one.outcome !== null && t(`outcome.${one.outcome}`)}</td>
            <td>{one.closed_at !== null && moment(one.closed_at)}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}
