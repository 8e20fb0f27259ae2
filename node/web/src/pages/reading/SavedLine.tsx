/** How the work stands with the node, always in view: when it was saved, what waits on this PC, what keeps it there. */
import { useEffect, useState } from "preact/hooks";

import { saving, savedAt, shelved, standing } from "../../state/draft";
import { language } from "../../state/session";
import { unreadable } from "../../state/strokes";
import { t } from "../../texts";

const SECONDS_TO_MINUTES = 90;
const DAY_SECONDS = 86_400;

export function SavedLine() {
  return (
    <>
      <Saved />
      {unreadable.value > 0 && <p class="saved waits">{t("stroke.unreadable", { count: unreadable.value })}</p>}
    </>
  );
}

function Saved() {
  const now = useNow();
  const { kind, waiting } = saving.value;
  if (standing.value === "opening") {
    return <p class="saved">{t("stroke.opening")}</p>;
  }
  if (kind === "unreachable" || kind === "signed-out") {
    const where = shelved.value ? t("stroke.waits-here", { count: waiting }) : t("stroke.waits-window", { count: waiting });
    return (
      <p class="saved waits" data-saving={kind} role="status">
        {t(kind === "unreachable" ? "stroke.unreachable" : "stroke.signed-out")} {where}
      </p>
    );
  }
  if (kind === "conflict" || kind === "refused") {
    return <p class="saved waits" data-saving={kind}>{t("stroke.not-saved", { count: waiting })}</p>;
  }
  return (
    <p class="saved" data-saving={kind}>
      {kind === "saving" ? t("stroke.saving") : savedWords(now)}
    </p>
  );
}

function savedWords(now: number): string {
  return savedAt.value === null ? t("stroke.nothing") : t("stroke.saved", { ago: ago((now - savedAt.value) / 1000) });
}

/** How long ago, in the page's language. */
function ago(seconds: number): string {
  const past = Math.max(0, Math.round(seconds));
  const words = new Intl.RelativeTimeFormat(language.value, { numeric: "always" });
  if (past < SECONDS_TO_MINUTES) {
    return words.format(-past, "second");
  }
  if (past < DAY_SECONDS) {
    return past < 2 * 3600 ? words.format(-Math.round(past / 60), "minute") : words.format(-Math.round(past / 3600), "hour");
  }
  return words.format(-Math.round(past / DAY_SECONDS), "day");
}

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => { setNow(Date.now()); }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return Math.max(now, savedAt.value ?? 0);
}
