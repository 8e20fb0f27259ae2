/** What is otherwise than in the plan this hospital approved before; what loosens it is set apart. */
import type { PlanChanges } from "../model/types";
import { language } from "../state/session";
import { say, t } from "../texts";
import { moment, number } from "./loading";

export function PlanChangesPart({ changes }: { readonly changes: PlanChanges }) {
  const bounds = changes.former_bounds;
  return (
    <section>
      <h3>{t("changes.title")}</h3>
      <p class="hint">
        {t("changes.against", {
          title: say(changes.former_title, language.value),
          moment: moment(changes.approved_at),
          rounds: number(bounds.max_rounds),
          cases: number(bounds.max_cases),
        })}
      </p>
      {changes.changes.length === 0 && <p>{t("changes.none")}</p>}
      <ul>
        {changes.changes.map(({ text, weight }) => (
          <li key={text.en} class={weight === "looser" ? "warning" : undefined}>
            {weight === "looser" && <strong>{t("changes.looser")} </strong>}
            {say(text, language.value)}
            {weight === "tighter" && <span class="hint"> {t("changes.tighter")}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
