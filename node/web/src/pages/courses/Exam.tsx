/** An exam that runs: one question at a time, every answer kept by the node at once, nothing told before its end. */
import { useEffect, useState } from "preact/hooks";

import { get, send } from "../../api/client";
import { minutesLeft } from "../../model/courses";
import type { ExamResult, ExamSheet } from "../../model/courses";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import { moment, sentence, Trouble } from "../loading";
import { AskedForm, Pictures } from "./AskedForm";
import { DrawingView } from "./DrawingView";

const LOOK_MS = 5_000;

interface ExamProps {
  readonly sheet: ExamSheet;
  readonly over: (result: ExamResult) => void;
}

export function Exam({ sheet, over }: ExamProps) {
  const path = `/api/exams/${sheet.attempt_id}`;
  const [place, setPlace] = useState(0);
  const [said, setSaid] = useState<Readonly<Record<number, string>>>(
    Object.fromEntries(sheet.questions.flatMap((one) => (one.said === null ? [] : [[one.number, one.said]]))),
  );
  const [trouble, setTrouble] = useState("");
  const left = useMinutes(sheet.ends_at);
  const ask = async (act: () => Promise<void>) => {
    try {
      await act();
      setTrouble("");
    } catch (refusal) {
      setTrouble(sentence(refusal));
    }
  };
  const choose = (number: number, option: string) =>
    ask(async () => {
      await send("PUT", `${path}/items/${number}`, { option });
      setSaid((before) => ({ ...before, [number]: option }));
    });
  const handIn = () => ask(async () => { over((await send("POST", `${path}/handing-in`)) as ExamResult); });
  const ended = () => ask(async () => { over((await get(`${path}/result`)) as ExamResult); });
  const question = sheet.questions[place];
  const open = sheet.questions.filter((one) => said[one.number] === undefined).length;
  return (
    <div class="exam">
      <p class={left <= 5 ? "warning" : "hint"} role="timer">
        {t("courses.time-left", { minutes: left, at: moment(sheet.ends_at) })}
      </p>
      <Trouble text={trouble} />
      <nav class="parts numbers" aria-label={t("courses.questions")}>
        {sheet.questions.map((one, at) => (
          <button key={one.number} type="button" class="tab" aria-current={at === place ? "page" : undefined}
            aria-label={t(said[one.number] === undefined ? "courses.question-open" : "courses.question-answered", { number: one.number })}
            onClick={() => { setPlace(at); }}>
            {one.number}
            {said[one.number] === undefined ? "" : " ✓"}
          </button>
        ))}
      </nav>
      {question !== undefined && (
        <div key={question.number} class="card">
          {question.drawing !== null && <DrawingView drawing={question.drawing} label={say(question.asked.text, language.value)} />}
          <Pictures showing={question.showing_id} images={question.images} />
          <AskedForm asked={question.asked} chosen={said[question.number] ?? null} closed={left === 0}
            choose={(option) => void choose(question.number, option)} />
        </div>
      )}
      <p class="actions">
        <button type="button" disabled={place === 0} onClick={() => { setPlace(place - 1); }}>{t("courses.before")}</button>
        <button type="button" disabled={place + 1 >= sheet.questions.length} onClick={() => { setPlace(place + 1); }}>{t("courses.next")}</button>
        {left > 0 && <button type="button" class="main" onClick={() => void handIn()}>{t("courses.hand-in")}</button>}
        {left === 0 && <button type="button" class="main" onClick={() => void ended()}>{t("courses.see-result")}</button>}
        <span class="soft">{open === 0 ? t("courses.all-answered") : t("courses.open", { open })}</span>
      </p>
    </div>
  );
}

function useMinutes(until: string): number {
  const [left, setLeft] = useState(minutesLeft(until, Date.now()));
  useEffect(() => {
    const ticking = setInterval(() => { setLeft(minutesLeft(until, Date.now())); }, LOOK_MS);
    return () => { clearInterval(ticking); };
  }, [until]);
  return left;
}
