/** The specialties of the law and the hospital's own, which IT adds as a list. */
import { useState } from "preact/hooks";

import type { Departments } from "../../model/desk";
import { t } from "../../texts";
import { Outcome, useActs } from "../acting";
import { Form, LongField } from "../fields";
import { Table } from "../loading";

interface DepartmentListProps {
  readonly departments: Departments | null;
  readonly again: () => Promise<void>;
}

export function DepartmentList({ departments, again }: DepartmentListProps) {
  const acts = useActs(again);
  const [list, setList] = useState("");
  const load = async () => {
    if ((await acts.act("POST", "/api/departments", { list }, () => t("departments.done"))) !== undefined) {
      setList("");
    }
  };
  return (
    <>
      <Outcome acts={acts} />
      <Form title={t("departments.add")} send={() => void load()}>
        <LongField label={t("departments.list")} hint={t("departments.list-hint")} value={list} rows={5} change={setList} />
        <button type="submit" class="main" disabled={list.trim() === "" || acts.busy}>
          {t("departments.add-do")}
        </button>
      </Form>
      <Table head={[t("departments.code"), "한국어", "English"]}>
        {(departments?.departments ?? []).map((one) => (
          <tr key={one.code}>
            <td class="code">{one.code}</td>
            <td lang="ko">{one.ko}</td>
            <td lang="en">{one.en}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}
