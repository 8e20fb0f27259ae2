/** For trainers: courses with what they need of gold cases, drafts, opening; and results of single people. */
import { useState } from "preact/hooks";

import { dayInWords } from "../../model/dates";
import type { AuthoredCourse, AuthoredCourses, Examined, PersonResults } from "../../model/courses";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import type { Acts } from "../acting";
import { Outcome, Parts, useActs, Waiting } from "../acting";
import { number, Table, useLoaded } from "../loading";
import { AuthorForms } from "./AuthorForms";
import { inWords, ResultCard } from "./Results";

const PARTS = ["courses", "people"] as const;

export function Teaching() {
  const [part, setPart] = useState<(typeof PARTS)[number]>("courses");
  return (
    <section>
      <h1>{t("page.teaching")}</h1>
      <Parts names={PARTS} shown={part} words={(name) => t(`teaching.part-${name}`)} show={setPart} label={t("page.teaching")} />
      {part === "courses" ? <AllCourses /> : <People />}
    </section>
  );
}

function AllCourses() {
  const loaded = useLoaded<AuthoredCourses>("/api/authoring/courses");
  const acts = useActs(loaded.again);
  const [code, setCode] = useState("");
  const courses = loaded.value?.courses ?? [];
  const shown = courses.find((one) => one.code === code);
  return (
    <>
      <p class="hint">{t("teaching.courses-say")}</p>
      <Waiting loaded={loaded} />
      <Outcome acts={acts} />
      {courses.length > 0 && (
        <Table head={[t("courses.course"), t("teaching.task"), t("teaching.draft"), t("teaching.open"), t("teaching.needs")]}>
          {courses.map((one) => (
            <tr key={one.code}>
              <td>
                <button type="button" class="quiet" onClick={() => { setCode(one.code); }}>
                  {say(one.title, language.value)}
                </button>
              </td>
              <td class="code">{one.task}</td>
              <td>{version(one.draft_version)}</td>
              <td>{version(one.open_version)}</td>
              <td>{t(one.needs.every((need) => need.met) ? "teaching.enough" : "teaching.too-few")}</td>
            </tr>
          ))}
        </Table>
      )}
      {shown !== undefined && <OneCourse key={shown.code} course={shown} acts={acts} />}
    </>
  );
}

function version(value: number | null): string {
  if (value === null) {
    return "–";
  }
  return value === 0 ? t("teaching.shipped") : t("teaching.version", { version: number(value) });
}

function OneCourse({ course, acts }: { readonly course: AuthoredCourse; readonly acts: Acts }) {
  const head = ["asked", "known", "practice", "exam"] as const;
  return (
    <div class="card">
      <h2>{say(course.title, language.value)}</h2>
      <p class="hint">{t("teaching.needs-say")}</p>
      <Table head={head.map((name) => t(`teaching.${name}`))}>
        {course.needs.map((need) => (
          <tr key={`${need.voted} ${need.known}`}>
            <td>{say(need.text, language.value)}</td>
            <td>{say(need.known_text, language.value)}</td>
            <td class={need.practice_found < need.practice ? "figure fault" : "figure"}>
              {t("courses.of", { answered: need.practice_found, items: need.practice })}
            </td>
            <td class={need.exam_found < need.exam ? "figure fault" : "figure"}>
              {t("courses.of", { answered: need.exam_found, items: need.exam })}
            </td>
          </tr>
        ))}
      </Table>
      <AuthorForms course={course} acts={acts} />
    </div>
  );
}

function People() {
  const loaded = useLoaded<Examined>("/api/authoring/examined");
  const acts = useActs(loaded.again);
  const [seen, setSeen] = useState<PersonResults | null>(null);
  const people = loaded.value?.people ?? [];
  const look = async (person: string) => {
    const told = await acts.act("POST", `/api/authoring/examined/${person}/results`);
    setSeen((told as PersonResults | undefined) ?? null);
  };
  const confirm = async (person: string, task: string) => {
    await acts.act("POST", `/api/labelers/${person}/certificates/${task}/confirmation`, undefined, () => t("teaching.confirmed"));
    await look(person);
  };
  return (
    <>
      <p class="hint">{t("teaching.people-say")}</p>
      <Waiting loaded={loaded} />
      <Outcome acts={acts} />
      {loaded.value !== null && people.length === 0 && <p>{t("teaching.nobody")}</p>}
      {people.length > 0 && (
        <Table head={[t("teaching.name"), t("teaching.attempts"), ""]}>
          {people.map((one) => (
            <tr key={one.person_id}>
              <td>{one.name}</td>
              <td class="figure">{number(one.attempts)}</td>
              <td>
                <button type="button" onClick={() => void look(one.person_id)}>
                  {t("teaching.look")}
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {seen !== null && <Seen seen={seen} confirm={(task) => void confirm(seen.person_id, task)} />}
    </>
  );
}

function Seen({ seen, confirm }: { readonly seen: PersonResults; readonly confirm: (task: string) => void }) {
  return (
    <div aria-label={seen.name} role="group">
      <h2>{seen.name}</h2>
      {seen.certificates.map((one) => (
        <p key={one.task} class="actions">
          <span class="code">{one.task}</span>
          {t(one.probation_until === null ? "courses.certified" : "courses.on-probation", { day: dayInWords(one.last_day, language.value) })}
          {one.probation_until !== null && (
            <button type="button" class="main" onClick={() => { confirm(one.task); }}>
              {t("teaching.confirm")}
            </button>
          )}
        </p>
      ))}
      {seen.gold.map((one) => (
        <p key={one.task}>
          {t("teaching.gold-since")} {inWords(one.rate)}
        </p>
      ))}
      {seen.results.map((one) => (
        <ResultCard key={one.attempt_id} result={one} />
      ))}
    </div>
  );
}
