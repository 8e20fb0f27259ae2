/** A log-in code that is shown once, to be handed over. */
import type { LoginCode } from "../../model/desk";
import { t } from "../../texts";
import { moment } from "../loading";

interface OnceCodeProps {
  readonly name: string;
  readonly code: LoginCode;
  readonly close: () => void;
}

export function OnceCode({ name, code, close }: OnceCodeProps) {
  return (
    <div class="card" role="status" aria-label={t("code.title", { name })}>
      <h2>{t("code.title", { name })}</h2>
      <p class="warning">{t("code.once", { until: moment(code.expires_at) })}</p>
      <p class="code">{code.code}</p>
      <button type="button" onClick={close}>
        {t("tokens.close")}
      </button>
    </div>
  );
}
