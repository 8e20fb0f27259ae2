/** Somebody joins: name, roles, specialty. Who reads is given cases once the licence is verified too. */
import { useState } from "preact/hooks";

import type { Departments, NewPersonAsked } from "../../model/desk";
import { newPersonOf, ROLES } from "../../model/newPerson";
import type { Language, Role } from "../../model/types";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import type { Acts } from "../acting";
import { CheckField, Form, SelectField, TextField } from "../fields";

interface NewPersonProps {
  readonly departments: Departments | null;
  readonly acts: Acts;
}

export function NewPerson({ departments, acts }: NewPersonProps) {
  const [name, setName] = useState("");
  const [roles, setRoles] = useState<readonly Role[]>([]);
  const [department, setDepartment] = useState("");
  const [spoken, setSpoken] = useState<Language>("ko");
  const asked = newPersonOf({ name, roles, department, language: spoken });
  const add = async (body: NewPersonAsked) => {
    const made = await acts.act("POST", "/api/people", body, () => t("new-person.done", { name: body.name }));
    if (made !== undefined) {
      setName("");
      setRoles([]);
      setDepartment("");
    }
  };
  const known = (departments?.departments ?? []).map((one) => [one.code, say(one, language.value)] as const);
  return (
    <Form title={t("new-person.title")} send={() => { if (asked !== null) { void add(asked); } }}>
      <p class="hint">{t("new-person.says")}</p>
      <TextField label={t("everyone.name")} value={name} change={setName} required />
      <fieldset>
        <legend>{t("everyone.roles")}</legend>
        {ROLES.map((one) => (
          <CheckField key={one} label={t(`role.${one}`)} value={roles.includes(one)}
            change={(on) => { setRoles(on ? [...roles, one] : roles.filter((other) => other !== one)); }} />
        ))}
      </fieldset>
      <SelectField label={t("everyone.department")} value={department} none={t("new-person.no-department")} options={known}
        change={setDepartment} />
      <SelectField label={t("new-person.language")} value={spoken} options={[["ko", "한국어"], ["en", "English"]]}
        change={(one) => { setSpoken(one === "" ? "ko" : one); }} />
      <button type="submit" class="main" disabled={asked === null || acts.busy}>
        {t("new-person.add")}
      </button>
    </Form>
  );
}
