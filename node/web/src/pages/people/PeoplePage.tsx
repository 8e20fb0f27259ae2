/** People of the node, for IT: who applies, whose licence ends, and everybody with their standing and log-in code. */
import { useState } from "preact/hooks";

import type { Departments, People } from "../../model/desk";
import { t } from "../../texts";
import { Parts, Waiting } from "../acting";
import { useLoaded } from "../loading";
import { Applications } from "./Applications";
import { DepartmentList } from "./DepartmentList";
import { Everyone } from "./Everyone";
import { Licences } from "./Licences";

const NAMES = ["applications", "licences", "everyone", "departments"] as const;

export function PeoplePage() {
  const [name, setName] = useState<(typeof NAMES)[number]>("applications");
  const people = useLoaded<People>("/api/people");
  const known = useLoaded<Departments>("/api/departments");
  const departments = known.value;
  const all = people.value?.people;
  return (
    <section>
      <h1>{t("page.people")}</h1>
      <Parts names={NAMES} shown={name} show={setName} words={(one) => t(`people.${one}`)} label={t("page.people")} />
      <Waiting loaded={people} />
      {name === "applications" && <Applications departments={departments} taken={people.again} />}
      {name === "licences" && all !== undefined && <Licences people={all} departments={departments} again={people.again} />}
      {name === "everyone" && all !== undefined && <Everyone people={all} departments={departments} again={people.again} />}
      {name === "departments" && <DepartmentList departments={departments} again={known.again} />}
    </section>
  );
}
