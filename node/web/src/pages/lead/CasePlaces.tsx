/** Who has a case, by the reader's code, and taking it from one of them for good. */
import type { Places } from "../../model/desk";
import { t } from "../../texts";
import type { Acts } from "../acting";
import { Waiting } from "../acting";
import { moment, Table, useLoaded } from "../loading";

interface CasePlacesProps {
  readonly projectId: string;
  readonly caseId: string;
  readonly acts: Acts;
}

export function CasePlaces({ projectId, caseId, acts }: CasePlacesProps) {
  const path = `/api/projects/${projectId}/cases/${caseId}`;
  const loaded = useLoaded<Places>(`${path}/places`);
  const take = async (personId: string) => {
    await acts.act("POST", `${path}/reassignment`, { person_id: personId }, () => t("places.taken"));
    await loaded.again();
  };
  if (loaded.value === null) {
    return <Waiting loaded={loaded} />;
  }
  if (loaded.value.places.length === 0) {
    return <p class="hint">{t("places.none")}</p>;
  }
  return (
    <Table head={[t("places.reader"), t("places.state"), t("places.until"), t("places.step")]}>
      {loaded.value.places.map((place) => (
        <tr key={place.person_id}>
          <td class="code" title={place.person_id}>{place.person_id.slice(0, 8)}</td>
          <td>{t(`place.${place.state}`)}</td>
          <td>{place.lease_until === null ? "" : moment(place.lease_until)}</td>
          <td>
            {(place.state === "waiting" || place.state === "held") && (
              <button type="button" class="stop" disabled={acts.busy} onClick={() => void take(place.person_id)}>
                {t("places.take")}
                <span class="unseen"> {place.person_id.slice(0, 8)}</span>
              </button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}
