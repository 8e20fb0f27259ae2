/** The rounds and releases some patients had a part in, in the node's own sentences. */
import type { TakingPart as Parts } from "../model/types";
import { language } from "../state/session";
import { say, t } from "../texts";

type Run = Parts["runs"][number] | Parts["unrecorded"][number];

export function TakingPart({ parts }: { readonly parts: Parts }) {
  return (
    <section aria-labelledby="taking-part" class="taking-part">
      <h2 id="taking-part">{t("part.title")}</h2>
      <p class="warning">{say(parts.about, language.value)}</p>
      {parts.runs.length === 0 && <p>{t("part.none")}</p>}
      {parts.runs.map((run) => (
        <RunPart key={run.run_id} run={run} told={run.told.map((words) => say(words, language.value))} />
      ))}
      {parts.unrecorded.map((gap) => (
        <RunPart key={`gap-${gap.run_id}`} run={gap} told={[say(gap.told, language.value)]} />
      ))}
    </section>
  );
}

function RunPart({ run, told }: { readonly run: Run; readonly told: readonly string[] }) {
  return (
    <>
      <h3>{run.plan === null ? t("part.plan-unknown") : say(run.plan, language.value)}</h3>
      <p class="hint">{t("part.run", { run: run.run_id })}</p>
      <ul>
        {told.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </>
  );
}
