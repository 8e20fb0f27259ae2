/** The store of received images, for IT: how full its disk is, when room is made, and what the scrub found. */
import type { Store } from "../model/types";
import { language } from "../state/session";
import { say, t } from "../texts";
import { moment, number, useLoaded } from "./loading";

/** Nothing before it is loaded. */
export function StoreState() {
  const { value } = useLoaded<Store>("/api/store");
  if (value === null) {
    return null;
  }
  const marks = { high: value.high_water_percent, low: value.low_water_percent, reserve: number(value.reserve_mib) };
  return (
    <details class="card" open>
      <summary>{t("store.title")}</summary>
      <dl>
        <dt>{t("store.used")}</dt>
        <dd>{number(Math.round(value.used_percent))} %</dd>
        <dt>{t("store.marks")}</dt>
        <dd>{t("store.marks-told", marks)}</dd>
        <dt>{t("store.scrub")}</dt>
        <dd>{scrub(value)}</dd>
        {value.damaged.length > 0 && <dt>{t("store.damaged")}</dt>}
        {value.damaged.map((one) => (
          <dd key={one.name}>
            <span class="code">{one.name}</span>: {say(one.what, language.value)}
          </dd>
        ))}
      </dl>
    </details>
  );
}

function scrub({ scrub: round }: Store): string {
  const counts = { examined: number(round.examined), damaged: number(round.damaged) };
  if (round.ended_at !== null) {
    return t("store.scrub-ended", { when: moment(round.ended_at), ...counts });
  }
  return round.began_at === null ? t("store.scrub-never") : t("store.scrub-runs", { when: moment(round.began_at), ...counts });
}
