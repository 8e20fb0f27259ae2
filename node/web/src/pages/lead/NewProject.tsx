/** A new project: what is asked, how often, of whom, who pays, and what the readings may be used for. */
import { useState } from "preact/hooks";

import type { Departments, Schemas } from "../../model/desk";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import { CheckField, Form, LongField, SelectField, TextField } from "../fields";
import { useLoaded } from "../loading";

interface NewProjectProps {
  readonly schemas: Schemas | null;
  readonly busy: boolean;
  readonly make: (body: unknown) => void;
}

const EMPTY = { title: "", guideline: "", schema: "", reads: "3", department: "", payer: "", labelers: false };

export function NewProject({ schemas, busy, make }: NewProjectProps) {
  const departments = useLoaded<Departments>("/api/departments").value?.departments ?? [];
  const [said, setSaid] = useState(EMPTY);
  const set = (more: Partial<typeof EMPTY>) => { setSaid({ ...said, ...more }); };
  const known = (schemas?.schemas ?? []).map((one) => [`${one.schema_code} ${one.schema_version}`, one] as const);
  const chosen = known.find(([key]) => key === said.schema)?.[1];
  const reads = Number(said.reads);
  const stands = said.title.trim() !== "" && chosen !== undefined && Number.isInteger(reads) && reads >= 1 && reads <= 20;
  const send = () => {
    make({
      title: said.title.trim(),
      guideline: said.guideline,
      schema_code: chosen?.schema_code,
      schema_version: chosen?.schema_version,
      reads_per_case: reads,
      department: said.department === "" ? null : said.department,
      labelers: said.labelers,
      payer: said.payer.trim(),
    });
  };
  return (
    <details class="card">
      <summary>{t("projects.new")}</summary>
      <Form send={send} label={t("projects.new")}>
        <TextField label={t("projects.title")} value={said.title} longest={200} required change={(title) => { set({ title }); }} />
        <SelectField label={t("projects.schema")} value={said.schema} none={t("desk.choose")} hint={t("projects.schema-hint")}
          options={known.map(([key, one]) => [key, `${say(one.title, language.value)} (${one.schema_version})`])}
          change={(schema) => { set({ schema }); }} />
        <TextField label={t("projects.reads")} value={said.reads} numeric change={(reads) => { set({ reads }); }} />
        <SelectField label={t("projects.department")} value={said.department} none={t("desk.any-department")}
          options={departments.map((one) => [one.code, say(one, language.value)])}
          change={(department) => { set({ department }); }} />
        <TextField label={t("projects.payer")} value={said.payer} longest={200} hint={t("projects.payer-hint")}
          change={(payer) => { set({ payer }); }} />
        <CheckField label={t("projects.labelers")} value={said.labelers} change={(labelers) => { set({ labelers }); }} />
        <LongField label={t("projects.guideline")} value={said.guideline} change={(guideline) => { set({ guideline }); }} />
        <button type="submit" class="main" disabled={!stands || busy}>
          {t("projects.make")}
        </button>
      </Form>
    </details>
  );
}
