/** One module at a time: text, drawings, quizzes and image cases, each answered once and told at once. */
import { useState } from "preact/hooks";

import { send } from "../../api/client";
import type { Course, CourseBlock, CourseModule, Showing } from "../../model/courses";
import { language } from "../../state/session";
import { say, t } from "../../texts";
import type { Acts } from "../acting";
import { sentence, Trouble } from "../loading";
import { AskedForm, Pictures } from "./AskedForm";
import { DrawingView } from "./DrawingView";

export function Modules({ course, acts }: { readonly course: Course; readonly acts: Acts }) {
  const [code, setCode] = useState(course.modules.find((one) => open(one) > 0)?.code ?? course.modules[0]?.code ?? "");
  const shown = course.modules.find((one) => one.code === code);
  return (
    <>
      <nav class="parts" aria-label={t("courses.modules")}>
        {course.modules.map((one) => (
          <button key={one.code} type="button" class="tab" aria-current={one.code === code ? "page" : undefined}
            onClick={() => { setCode(one.code); }}>
            {say(one.title, language.value)} {open(one) === 0 ? "✓" : ""}
          </button>
        ))}
      </nav>
      {shown !== undefined && (
        <article key={shown.code} class="module">
          <h2>{say(shown.title, language.value)}</h2>
          {shown.blocks.map((block, place) => (
            <Block key={block.item ?? place} block={block} path={`/api/courses/${course.row.code}/items/${block.item ?? ""}`} acts={acts} />
          ))}
        </article>
      )}
    </>
  );
}

/** How much of a module is not answered yet. */
function open(module: CourseModule): number {
  return module.blocks.filter((block) => block.item !== null && block.feedback === null).length;
}

interface BlockProps {
  readonly block: CourseBlock;
  readonly path: string;
  readonly acts: Acts;
}

function Block({ block, path, acts }: BlockProps) {
  const answer = (option: string) => void acts.act("POST", `${path}/answer`, { option });
  switch (block.kind) {
    case "text":
      return block.text === null ? null : <p class="guideline">{say(block.text, language.value)}</p>;
    case "drawing":
      return block.drawing === null || block.caption === null ? null : (
        <figure>
          <DrawingView drawing={block.drawing} label={say(block.caption, language.value)} />
          <figcaption class="hint">{say(block.caption, language.value)}</figcaption>
        </figure>
      );
    case "quiz":
      return block.asked === null ? null : (
        <div class="card">
          {block.drawing !== null && <DrawingView drawing={block.drawing} label={say(block.asked.text, language.value)} />}
          <AskedForm asked={block.asked} chosen={block.feedback?.said ?? null} choose={answer}
            closed={block.feedback !== null} {...(block.feedback === null ? {} : { right: block.feedback.right })} />
          <Told block={block} />
        </div>
      );
    case "case":
      return <ImageCase block={block} path={path} answer={answer} />;
  }
}

interface CaseProps {
  readonly block: CourseBlock;
  readonly path: string;
  readonly answer: (option: string) => void;
}

function ImageCase({ block, path, answer }: CaseProps) {
  const [shown, setShown] = useState<Showing | null>(null);
  const [trouble, setTrouble] = useState("");
  const show = async () => {
    try {
      setShown((await send("POST", `${path}/showing`)) as Showing);
      setTrouble("");
    } catch (refusal) {
      setTrouble(sentence(refusal));
    }
  };
  return (
    <div class="card">
      <Trouble text={trouble} />
      {shown === null && (
        <button type="button" onClick={() => void show()}>
          {t(block.feedback === null ? "courses.show-case" : "courses.show-again")}
        </button>
      )}
      {shown !== null && (
        <>
          <Pictures showing={shown.showing_id} images={shown.images} />
          <AskedForm asked={shown.asked} chosen={block.feedback?.said ?? null} choose={answer}
            closed={block.feedback !== null} {...(block.feedback === null ? {} : { right: block.feedback.right })} />
        </>
      )}
      <Told block={block} />
    </div>
  );
}

function Told({ block }: { readonly block: CourseBlock }) {
  const told = block.feedback;
  return (
    <div role="status">
      {told !== null && (
        <p class={told.said === told.right ? "told" : "told warning"}>
          <strong>{t(told.said === told.right ? "courses.right" : "courses.wrong")}</strong> {say(told.explanation, language.value)}
        </p>
      )}
    </div>
  );
}
