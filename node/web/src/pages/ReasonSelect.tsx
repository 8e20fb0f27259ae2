/** A choice among a few reasons; none is chosen beforehand. */
import type { TextKey } from "../texts";
import { t } from "../texts";

interface ReasonSelectProps<Reason extends string> {
  readonly id: string;
  readonly reasons: readonly Reason[];
  readonly prefix: "ask" | "deny";
  readonly chosen: Reason | "";
  readonly choose: (chosen: Reason | "") => void;
}

export function ReasonSelect<Reason extends string>({ id, reasons, prefix, chosen, choose }: ReasonSelectProps<Reason>) {
  return (
    <>
      <label for={id}>{t("reidentification.why")}</label>
      <select
        id={id}
        value={chosen}
        onChange={(event) => {
          choose(reasons.find((one) => one === event.currentTarget.value) ?? "");
        }}
      >
        <option value="">{t("reidentification.choose")}</option>
        {reasons.map((one) => (
          <option key={one} value={one}>
            {t(`${prefix}.${one}` as TextKey)}
          </option>
        ))}
      </select>
    </>
  );
}
