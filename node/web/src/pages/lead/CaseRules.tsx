/** By which rules cases ask for readers, in order; the first that matches a case decides. And when a rest is due. */
import { useState } from "preact/hooks";

import type { CaseRule, Departments, Difficulty, Rules } from "../../model/desk";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import type { Acts } from "../acting";
import { Outcome, useActs, Waiting } from "../acting";
import { Form, SelectField, TextField } from "../fields";
import { number, Table, useLoaded } from "../loading";
import { departmentInWords } from "../words";

const WORD = /^[A-Z0-9][A-Z0-9 _]{0,15}$/;

export function CaseRules({ projectId }: { readonly projectId: string }) {
  const path = `/api/projects/${projectId}/rules`;
  const loaded = useLoaded<Rules>(path);
  const departments = useLoaded<Departments>("/api/departments").value;
  const acts = useActs(loaded.again);
  if (loaded.value === null) {
    return <Waiting loaded={loaded} />;
  }
  const { rules, rest } = loaded.value;
  const set = (next: readonly CaseRule[]) => void acts.act("PUT", path, { rules: next, rest }, () => t("rules.set-done"));
  return (
    <details class="card" open={rules.length > 0}>
      <summary>{t("rules.title")}</summary>
      <p class="hint">{t("rules.says")}</p>
      <Outcome acts={acts} />
      {rules.length === 0 ? <p>{t("rules.none")}</p> : <RuleTable rules={rules} departments={departments} set={set} busy={acts.busy} />}
      <RuleForm departments={departments} busy={acts.busy} add={(rule) => { set([...rules, rule]); }} />
      <RestForm key={JSON.stringify(rest)} rules={loaded.value} path={path} acts={acts} />
    </details>
  );
}

interface RuleTableProps {
  readonly rules: readonly CaseRule[];
  readonly departments: Departments | null;
  readonly set: (rules: readonly CaseRule[]) => void;
  readonly busy: boolean;
}

function RuleTable({ rules, departments, set, busy }: RuleTableProps) {
  const head = ["order", "cases", "readers", "step"] as const;
  return (
    <Table head={head.map((name) => t(`rules.${name}`))}>
      {rules.map((rule, place) => (
        <tr key={place}>
          <td>{number(place + 1)}</td>
          <td>
            {[rule.modality, rule.body_part, rule.difficulty ? t(`difficulty.${rule.difficulty}`) : null].filter(Boolean).join(", ") || t("rules.every-case")}
          </td>
          <td>
            {departmentInWords(departments, rule.department ?? null)}
            {rule.subspecialty ? `, ${rule.subspecialty}` : ""}
            {rule.min_years > 0 && `, ${t("rules.years-told", { years: number(rule.min_years) })}`}
          </td>
          <td>
            <button type="button" class="stop" disabled={busy} onClick={() => { set(rules.filter((_, one) => one !== place)); }}>
              {t("rules.remove")}
              <span class="unseen"> {number(place + 1)}</span>
            </button>
          </td>
        </tr>
      ))}
    </Table>
  );
}

interface RuleFormProps {
  readonly departments: Departments | null;
  readonly busy: boolean;
  readonly add: (rule: CaseRule) => void;
}

const EMPTY = { modality: "", bodyPart: "", department: "", subspecialty: "", years: "0" };

function RuleForm({ departments, busy, add }: RuleFormProps) {
  const [said, setSaid] = useState(EMPTY);
  const [difficulty, setDifficulty] = useState<Difficulty | "">("");
  const set = (more: Partial<typeof EMPTY>) => { setSaid({ ...said, ...more }); };
  const years = Number(said.years);
  const words = [said.modality, said.bodyPart].map((one) => one.trim().toUpperCase());
  const stands = words.every((one) => one === "" || WORD.test(one)) && Number.isInteger(years) && years >= 0 && years <= 60;
  const send = () => {
    add({
      modality: words[0] || null,
      body_part: words[1] || null,
      difficulty: difficulty || null,
      department: said.department || null,
      subspecialty: said.subspecialty.trim() || null,
      min_years: years,
    });
    setSaid(EMPTY);
    setDifficulty("");
  };
  return (
    <Form title={t("rules.new")} send={send}>
      <div class="row">
        <TextField label={t("rules.modality")} value={said.modality} longest={16} change={(modality) => { set({ modality }); }} />
        <TextField label={t("rules.body-part")} value={said.bodyPart} longest={16} change={(bodyPart) => { set({ bodyPart }); }} />
        <SelectField label={t("cases.difficulty")} value={difficulty} none={t("rules.any")}
          options={(["easy", "usual", "hard"] as const).map((one) => [one, t(`difficulty.${one}`)])} change={setDifficulty} />
        <SelectField label={t("rules.department")} value={said.department} none={t("desk.any-department")}
          options={(departments?.departments ?? []).map((one) => [one.code, say(one, language.value)])}
          change={(department) => { set({ department }); }} />
        <TextField label={t("rules.subspecialty")} value={said.subspecialty} longest={64} change={(subspecialty) => { set({ subspecialty }); }} />
        <TextField label={t("rules.years")} value={said.years} numeric longest={2} change={(one) => { set({ years: one }); }} />
      </div>
      <button type="submit" disabled={!stands || busy}>
        {t("rules.add")}
      </button>
    </Form>
  );
}

interface RestFormProps {
  readonly rules: Rules;
  readonly path: string;
  readonly acts: Acts;
}

function RestForm({ rules: { rules, rest }, path, acts }: RestFormProps) {
  const [after, setAfter] = useState(rest === null ? "" : String(rest.after_readings));
  const [minutes, setMinutes] = useState(rest === null ? "" : String(rest.minutes));
  const none = after.trim() === "" && minutes.trim() === "";
  const stands = none || (/^[1-9]\d{0,2}$/.test(after) && Number(after) <= 500 && /^[1-9]\d{0,2}$/.test(minutes) && Number(minutes) <= 240);
  const send = () => {
    const said = none ? null : { after_readings: Number(after), minutes: Number(minutes) };
    void acts.act("PUT", path, { rules, rest: said }, () => t("rules.rest-done"));
  };
  return (
    <Form title={t("rules.rest")} send={send}>
      <p class="hint">{t("rules.rest-says")}</p>
      <div class="row">
        <TextField label={t("rules.rest-after")} value={after} numeric longest={3} change={setAfter} />
        <TextField label={t("rules.rest-minutes")} value={minutes} numeric longest={3} change={setMinutes} />
      </div>
      <button type="submit" disabled={!stands || acts.busy}>
        {t("rules.rest-set")}
      </button>
    </Form>
  );
}
