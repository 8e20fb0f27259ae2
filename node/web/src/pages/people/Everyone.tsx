/** Everybody of this node: roles, standing, a new log-in code, and as what somebody is paid. */
import { useState } from "preact/hooks";

import { today } from "../../model/dates";
import type { Categories, Departments, LoginCode, PaymentCategory, PersonOfNode } from "../../model/desk";
import type { Role } from "../../model/types";
import { t } from "../../texts";
import type { Acts } from "../acting";
import { Outcome, useActs } from "../acting";
import { DateField, Form, SelectField } from "../fields";
import { Table, useLoaded } from "../loading";
import { departmentInWords } from "../words";
import { NewPerson } from "./NewPerson";
import { OnceCode } from "./OnceCode";

const CATEGORIES = ["business", "other", "payroll", "invoice"] as const satisfies readonly PaymentCategory[];

const PAID: readonly Role[] = ["reader", "labeler", "adjudicator"];

interface EveryoneProps {
  readonly people: readonly PersonOfNode[];
  readonly departments: Departments | null;
  readonly again: () => Promise<void>;
}

export function Everyone({ people, departments, again }: EveryoneProps) {
  const categories = useLoaded<Categories>("/api/pay/categories");
  const acts = useActs(async () => {
    await again();
    await categories.again();
  });
  const [chosen, setChosen] = useState("");
  const shown = people.find((one) => one.person_id === chosen);
  const paidAs = new Map(categories.value?.people.map((one) => [one.person_id, one.category]));
  const head = ["name", "roles", "department", "standing", "category", "step"] as const;
  return (
    <>
      <Outcome acts={acts} />
      <Table head={head.map((name) => t(`everyone.${name}`))}>
        {people.map((one) => (
          <tr key={one.person_id}>
            <td>{one.name}</td>
            <td>
              {one.roles.map(roleInWords).join(", ")}
              {one.apart.map((pair) => (
                <p key={pair.join()} class="fault">{t("everyone.apart", { roles: pair.map(roleInWords).join(" + ") })}</p>
              ))}
            </td>
            <td>{one.department === null ? "" : departmentInWords(departments, one.department)}</td>
            <td>{t(one.active ? "everyone.active" : "everyone.inactive")}</td>
            <td>{isPaid(one) && categoryInWords(paidAs.get(one.person_id))}</td>
            <td>
              <button type="button" aria-pressed={chosen === one.person_id} onClick={() => { setChosen(one.person_id); }}>
                {t("everyone.open")}
                <span class="unseen"> {one.name}</span>
              </button>
            </td>
          </tr>
        ))}
      </Table>
      {shown !== undefined && <PersonDesk key={shown.person_id} person={shown} acts={acts} />}
      <NewPerson departments={departments} acts={acts} />
    </>
  );
}

function roleInWords(role: Role): string {
  return t(`role.${role}`);
}

function isPaid(person: PersonOfNode): boolean {
  return person.roles.some((role) => PAID.includes(role));
}

function categoryInWords(category: PaymentCategory | undefined) {
  return category === undefined ? <span class="fault">{t("category.none")}</span> : t(`category.${category}`);
}

function PersonDesk({ person, acts }: { readonly person: PersonOfNode; readonly acts: Acts }) {
  const [code, setCode] = useState<LoginCode | null>(null);
  const path = `/api/people/${person.person_id}`;
  const make = async () => {
    setCode(((await acts.act("POST", `${path}/login-code`)) as LoginCode | undefined) ?? null);
  };
  const standing = t(person.active ? "everyone.stop" : "everyone.let-in");
  const change = () => void acts.act("PUT", `${path}/standing`, { active: !person.active }, () => t("everyone.changed", { name: person.name }));
  return (
    <>
      {code !== null && <OnceCode name={person.name} code={code} close={() => { setCode(null); }} />}
      <div class="decisions">
        <Form title={t("everyone.code", { name: person.name })} send={() => void make()}>
          <p class="hint">{t("everyone.code-says")}</p>
          <button type="submit" disabled={acts.busy || !person.active}>
            {t("everyone.code-make")}
          </button>
        </Form>
        <Form title={standing} send={change}>
          <p class="hint">{t(person.active ? "everyone.stop-says" : "everyone.let-in-says")}</p>
          <button type="submit" class={person.active ? "stop" : "main"} disabled={acts.busy}>
            {standing}
          </button>
        </Form>
        {isPaid(person) && <CategoryForm person={person} acts={acts} />}
      </div>
    </>
  );
}

function CategoryForm({ person, acts }: { readonly person: PersonOfNode; readonly acts: Acts }) {
  const [category, setCategory] = useState<PaymentCategory | "">("");
  const [since, setSince] = useState(today());
  const set = () => {
    void acts.act("PUT", `/api/people/${person.person_id}/payment-category`, { category, since }, () => t("category.set-done", { name: person.name }));
  };
  return (
    <Form title={t("category.title")} send={set}>
      <SelectField label={t("category.as")} value={category} none={t("desk.choose")}
        options={CATEGORIES.map((one) => [one, t(`category.${one}`)])} change={setCategory} />
      <DateField label={t("category.since")} value={since} required change={setSince} />
      <button type="submit" disabled={category === "" || since === "" || acts.busy}>
        {t("category.set")}
      </button>
    </Form>
  );
}
