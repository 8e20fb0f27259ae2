/** What a trainer does to a course: gold from a project, the draft as text, opening the draft. */
import { useState } from "preact/hooks";

import type { AuthoredCourse, GoldSources } from "../../model/courses";
import { t } from "../../texts";
import type { Acts } from "../acting";
import { DateField, Form, LongField, SelectField } from "../fields";
import { number, Trouble, useLoaded } from "../loading";

const LONGEST = 1_000_000;

interface AuthorProps {
  readonly course: AuthoredCourse;
  readonly acts: Acts;
}

export function AuthorForms({ course, acts }: AuthorProps) {
  return (
    <>
      <GoldForm course={course} acts={acts} />
      {course.draft !== null && <OpenForm course={course} acts={acts} />}
      <DraftForm course={course} acts={acts} />
    </>
  );
}

function GoldForm({ course, acts }: AuthorProps) {
  const path = `/api/authoring/courses/${course.code}/gold`;
  const { value, error } = useLoaded<GoldSources>(path);
  const [project, setProject] = useState("");
  const sources = value?.projects ?? [];
  return (
    <Form title={t("teaching.take-gold")} send={() => void acts.act("POST", path, { project_id: project }, () => t("teaching.gold-taken"))}>
      <Trouble text={error} />
      <SelectField label={t("teaching.from-project")} value={project} none={t("desk.choose")} hint={t("teaching.gold-says")}
        options={sources.map((one) => [one.project_id, t("teaching.source", { title: one.title, cases: number(one.cases) })])}
        change={setProject} />
      <button type="submit" class="main" disabled={project === "" || acts.busy}>
        {t("teaching.take-gold")}
      </button>
    </Form>
  );
}

function OpenForm({ course, acts }: AuthorProps) {
  const [day, setDay] = useState("");
  const open = () => {
    const body = { requalify_by: day === "" ? null : day };
    void acts.act("POST", `/api/authoring/courses/${course.code}/opening`, body, () => t("teaching.opened"));
  };
  return (
    <Form title={t("teaching.open-draft")} send={open}>
      {course.open_version !== null && <DateField label={t("teaching.requalify-by")} value={day} change={setDay} />}
      {course.open_version !== null && <p class="hint">{t("teaching.requalify-says")}</p>}
      <button type="submit" class="main" disabled={acts.busy || !course.needs.every((need) => need.met)}>
        {t("teaching.open-draft")}
      </button>
    </Form>
  );
}

function DraftForm({ course, acts }: AuthorProps) {
  const [words, setWords] = useState(JSON.stringify(course.draft ?? course.open, null, 1));
  const [fault, setFault] = useState("");
  const write = () => {
    try {
      const content: unknown = JSON.parse(words);
      setFault("");
      void acts.act("PUT", "/api/authoring/courses", content, () => t("teaching.written"));
    } catch {
      setFault(t("teaching.not-json"));
    }
  };
  return (
    <details class="card">
      <summary>{t("teaching.write")}</summary>
      <Form label={t("teaching.write")} send={write}>
        <Trouble text={fault} />
        <LongField label={t("teaching.content")} hint={t("teaching.content-says")} value={words} longest={LONGEST} rows={24} change={setWords} />
        <button type="submit" class="main" disabled={acts.busy}>
          {t("teaching.save-draft")}
        </button>
      </Form>
    </details>
  );
}
