import type { Quarantine as Held } from "../model/types";
import { t } from "../texts";
import { moment, Table, Trouble, useLoaded } from "./loading";

export function Quarantine() {
  const { value, error } = useLoaded<Held>("/api/quarantine");
  return (
    <section>
      <h1>{t("page.quarantine")}</h1>
      <Trouble text={error} />
      {value?.images.length === 0 && <p>{t("quarantine.none")}</p>}
      {value !== null && value.images.length > 0 && (
        <Table head={[t("quarantine.image"), t("quarantine.reason"), t("quarantine.when")]}>
          {value.images.map((held) => (
            <tr key={held.image_id}>
              <td class="code">{held.image_id.slice(0, 8)}</td>
              <td>{held.text}</td>
              <td>{moment(held.at)}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}
