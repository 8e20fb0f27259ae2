import { useState } from "preact/hooks";

import { nextCase } from "../state/reading";
import { page } from "../state/session";
import type { Worklist as OwnWorklist } from "../model/types";
import { t } from "../texts";
import { number, sentence, Table, Trouble, useLoaded } from "./loading";

export function Worklist() {
  const { value, error, again } = useLoaded<OwnWorklist>("/api/worklist");
  const [news, setNews] = useState("");
  const open = async (project: string) => {
    try {
      if (await nextCase(project)) {
        page.value = "reading";
      } else {
        setNews(t("worklist.all-done"));
        await again();
      }
    } catch (refusal) {
      setNews(sentence(refusal));
    }
  };
  return (
    <section>
      <h1>{t("page.worklist")}</h1>
      <Trouble text={error} />
      {news !== "" && <p role="status">{news}</p>}
      {value?.projects.length === 0 && <p>{t("worklist.none")}</p>}
      {value !== null && value.projects.length > 0 && (
        <Table head={[t("worklist.project"), t("worklist.waiting"), t("worklist.mine"), ""]}>
          {value.projects.map((row) => (
            <tr key={row.project_id}>
              <td>{row.title}</td>
              <td class="figure">{number(row.waiting)}</td>
              <td class="figure">{number(row.submitted)}</td>
              <td>
                <button type="button" class="main" onClick={() => void open(row.project_id)}>
                  {t("worklist.next")}
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}
