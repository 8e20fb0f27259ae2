/** What a page sends, and how its answer, its refusal and its waiting are said. */
import { useState } from "preact/hooks";

import { send } from "../api/client";
import { t } from "../texts";
import { sentence, Trouble } from "./loading";

export interface Acts {
  /** Sends, says what came of it, and loads anew; the node's answer, or undefined where it refused. */
  readonly act: (method: "POST" | "PUT" | "DELETE", path: string, body?: unknown, told?: Told) => Promise<unknown>;
  readonly busy: boolean;
  readonly news: string;
  readonly trouble: string;
}

/** What came of an act; as a function it is said anew when another language is chosen. */
type Told = string | ((answer: unknown) => string);

interface Come {
  readonly told: Told;
  readonly answer: unknown;
}

export function useActs(again: () => Promise<void>): Acts {
  const [busy, setBusy] = useState(false);
  const [come, setCome] = useState<Come | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const act: Acts["act"] = async (method, path, body, told = "") => {
    setBusy(true);
    try {
      const answer = await send(method, path, body);
      setRefused(null);
      await again();
      setCome({ told, answer });
      return answer;
    } catch (refusal) {
      setCome(null);
      setRefused(refusal);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return { act, busy, news: come === null ? "" : newsOf(come), trouble: refused === null ? "" : sentence(refused) };
}

function newsOf({ told, answer }: Come): string {
  return typeof told === "string" ? told : told(answer);
}

/** What came of the last act. */
export function Outcome({ acts }: { readonly acts: Acts }) {
  return (
    <>
      <Trouble text={acts.trouble} />
      <p class="news" role="status">
        {acts.news}
      </p>
    </>
  );
}

/** What a page shows until its first answer is there. */
export function Waiting({ loaded }: { readonly loaded: { readonly value: unknown; readonly error: string } }) {
  if (loaded.error !== "") {
    return <Trouble text={loaded.error} />;
  }
  return loaded.value === null ? (
    <p class="hint" role="status">
      {t("desk.loading")}
    </p>
  ) : null;
}

interface TabsProps<Name extends string> {
  readonly names: readonly Name[];
  readonly shown: Name;
  readonly words: (name: Name) => string;
  readonly show: (name: Name) => void;
  readonly label: string;
}

/** Parts of one page, one shown at a time. */
export function Parts<Name extends string>({ names, shown, words, show, label }: TabsProps<Name>) {
  return (
    <nav class="parts" aria-label={label}>
      {names.map((name) => (
        <button key={name} type="button" class="tab" aria-current={name === shown ? "page" : undefined} onClick={() => { show(name); }}>
          {words(name)}
        </button>
      ))}
    </nav>
  );
}
