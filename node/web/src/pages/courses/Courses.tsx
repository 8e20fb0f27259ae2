/** Courses for readers and labelers: the list, one course with its modules, its exam, and the own results. */
import { useState } from "preact/hooks";

import { send } from "../../api/client";
import { dayInWords } from "../../model/dates";
import type { Course, CourseRow, CourseRows, ExamResult, ExamSheet } from "../../model/courses";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import { Outcome, Parts, useActs, Waiting } from "../acting";
import { sentence, Table, Trouble, useLoaded } from "../loading";
import { Exam } from "./Exam";
import { Modules } from "./Modules";
import { OwnExams, ResultCard } from "./Results";

const PARTS = ["list", "results"] as const;

export function Courses() {
  const [part, setPart] = useState<(typeof PARTS)[number]>("list");
  const [code, setCode] = useState("");
  if (code !== "") {
    return <OneCourse code={code} back={() => { setCode(""); }} />;
  }
  return (
    <section>
      <h1>{t("page.courses")}</h1>
      <Parts names={PARTS} shown={part} words={(name) => t(`courses.part-${name}`)} show={setPart} label={t("page.courses")} />
      {part === "list" ? <CourseList open={setCode} /> : <OwnExams />}
    </section>
  );
}

function CourseList({ open }: { readonly open: (code: string) => void }) {
  const loaded = useLoaded<CourseRows>("/api/courses");
  const rows = loaded.value?.courses ?? [];
  return (
    <>
      <p class="hint">{t("courses.list-says")}</p>
      <Waiting loaded={loaded} />
      {loaded.value !== null && rows.length === 0 && <p>{t("courses.none")}</p>}
      {rows.length > 0 && (
        <Table head={[t("courses.course"), t("courses.answered"), t("courses.certificate"), ""]}>
          {rows.map((row) => (
            <tr key={row.code}>
              <td>{say(row.title, language.value)}</td>
              <td class="figure">{t("courses.of", { answered: row.answered, items: row.items })}</td>
              <td>{certificate(row)}</td>
              <td>
                <button type="button" class="main" onClick={() => { open(row.code); }}>
                  {t("courses.go")}
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

function certificate(row: CourseRow): string {
  if (row.certificate_until === null) {
    return t("courses.no-certificate");
  }
  const day = dayInWords(row.certificate_until, language.value);
  return t(row.on_probation ? "courses.on-probation" : "courses.certified", { day });
}

function OneCourse({ code, back }: { readonly code: string; readonly back: () => void }) {
  const loaded = useLoaded<Course>(`/api/courses/${code}`);
  const acts = useActs(loaded.again);
  const [sheet, setSheet] = useState<ExamSheet | null>(null);
  const [result, setResult] = useState<ExamResult | null>(null);
  const [trouble, setTrouble] = useState("");
  const course = loaded.value;
  const begin = async () => {
    try {
      setSheet((await send("POST", `/api/courses/${code}/exam`)) as ExamSheet);
      setTrouble("");
    } catch (refusal) {
      setTrouble(sentence(refusal));
    }
  };
  return (
    <section>
      <p>
        <button type="button" class="quiet" onClick={back}>
          {t("courses.back")}
        </button>
      </p>
      <Waiting loaded={loaded} />
      {course !== null && <h1>{say(course.row.title, language.value)}</h1>}
      <Trouble text={trouble} />
      <Outcome acts={acts} />
      {result !== null && <ResultCard result={result} />}
      {result === null && sheet !== null && <Exam sheet={sheet} over={setResult} />}
      {result === null && sheet === null && course !== null && (
        <>
          <Modules course={course} acts={acts} />
          <ExamOffer course={course} begin={() => void begin()} />
        </>
      )}
    </section>
  );
}

function ExamOffer({ course, begin }: { readonly course: Course; readonly begin: () => void }) {
  const says = {
    minutes: course.exam_minutes,
    questions: course.exam_length,
    mark: Math.round(100 * course.pass_mark),
    days: course.valid_days,
  };
  return (
    <div class="card">
      <h2>{t("courses.exam")}</h2>
      <p>{t("courses.exam-says", says)}</p>
      {course.probation_days > 0 && <p>{t("courses.probation-says", { days: course.probation_days })}</p>}
      {!course.learnt && <p class="hint">{t("courses.exam-later")}</p>}
      <button type="button" class="main" disabled={!course.learnt} onClick={begin}>
        {t("courses.begin")}
      </button>
    </div>
  );
}
