/** Results of exams: passed or not, and every figure with its interval. */
import { percents } from "../../model/courses";
import type { ExamResult, OwnResults, Rate } from "../../model/courses";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import { Waiting } from "../acting";
import { moment, Table, useLoaded } from "../loading";

export function ResultCard({ result }: { readonly result: ExamResult }) {
  return (
    <div class="card">
      <h2>
        {result.course} · {t(result.passed ? "courses.passed" : "courses.failed")}
      </h2>
      <p>
        {t("courses.result-says", { at: moment(result.finished_at), mark: Math.round(100 * result.pass_mark) })} {inWords(result.overall)}
      </p>
      <Table head={[t("courses.what"), t("courses.truth"), t("courses.share")]}>
        {result.quizzes !== null && (
          <tr>
            <td>{t("courses.quizzes")}</td>
            <td />
            <td>{inWords(result.quizzes)}</td>
          </tr>
        )}
        {result.by_known.map((one) => (
          <tr key={`${one.voted} ${one.known}`}>
            <td>{say(one.text, language.value)}</td>
            <td>{say(one.known_text, language.value)}</td>
            <td>{inWords(one.rate)}</td>
          </tr>
        ))}
      </Table>
    </div>
  );
}

export function inWords(rate: Rate): string {
  return t("courses.rate", { right: rate.right, of: rate.of, ...percents(rate) });
}

export function OwnExams() {
  const loaded = useLoaded<OwnResults>("/api/exams/own");
  const found = loaded.value;
  return (
    <>
      <p class="hint">{t("courses.results-say")}</p>
      <Waiting loaded={loaded} />
      {found?.results.length === 0 && <p>{t("courses.no-results")}</p>}
      {found?.results.map((one) => <ResultCard key={one.attempt_id} result={one} />)}
      {found !== null && found.looks.length > 0 && (
        <div class="card">
          <h2>{t("courses.looks")}</h2>
          <ul>
            {found.looks.map((at) => (
              <li key={at}>{moment(at)}</li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
