/** Patients whose images are used for nothing: how many there are, a list to add, and (for stewards) the way back. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { send } from "../api/client";
import type { ExclusionKind, Exclusions as Kinds, LiftReason, ListLifted, ListTaken, TakingPart as Parts } from "../model/types";
import { person } from "../state/session";
import type { TextKey } from "../texts";
import { t } from "../texts";
import { number, sentence, Table, Trouble, useLoaded } from "./loading";
import { TakingPart } from "./TakingPart";

const KINDS = ["opt-out", "staff", "minor", "legal-hold"] as const satisfies readonly ExclusionKind[];
type Decide = (path: string, body: unknown, words: TextKey) => Promise<boolean>;

/** What the node answered to the last list, said anew in the language of the page. */
interface Done {
  readonly words: TextKey;
  readonly taken: ListTaken & Partial<ListLifted>;
}

export function Exclusions() {
  const { value, error, again } = useLoaded<Kinds>("/api/exclusions");
  const [trouble, setTrouble] = useState("");
  const [done, setDone] = useState<Done | null>(null);
  const [parts, setParts] = useState<Parts | null>(null);
  const ask = async (numbers: string[]) => {
    setParts(null);
    try {
      setParts((await send("POST", "/api/exclusions/rounds", { numbers })) as Parts);
      setTrouble("");
      return true;
    } catch (refusal) {
      setTrouble(sentence(refusal));
      return false;
    }
  };
  const decide: Decide = async (path, body, words) => {
    setDone(null);
    try {
      const taken = (await send("POST", path, body)) as Done["taken"];
      setTrouble("");
      setDone({ words, taken });
      await again();
      return true;
    } catch (refusal) {
      setTrouble(sentence(refusal));
      return false;
    }
  };
  return (
    <section>
      <h1>{t("page.exclusions")}</h1>
      <p class="hint">{t("exclusions.about")}</p>
      <Trouble text={error || trouble} />
      {done !== null && <DoneLines done={done} />}
      {value !== null && <KindTable kinds={value} />}
      <div class="decisions">
        <AddForm decide={decide} ask={ask} />
        {value !== null && person.value?.roles.includes("steward") === true && <LiftForm kinds={value} decide={decide} />}
        <NumbersForm name="rounds" verb={t("part.ask")} hint={t("part.ask-hint")} ready submit={ask} />
      </div>
      {parts !== null && <TakingPart parts={parts} />}
    </section>
  );
}

function DoneLines({ done: { words, taken } }: { readonly done: Done }) {
  const { changed, unchanged, again = 0, gone = 0 } = taken;
  return (
    <>
      <p role="status">{t(words, { changed: number(changed), unchanged: number(unchanged), again: number(again) })}</p>
      {gone > 0 && <p class="warning">{t("exclusions.gone", { gone: number(gone) })}</p>}
    </>
  );
}

function KindTable({ kinds }: { readonly kinds: Kinds }) {
  const head = ["kind", "numbers", "patients", "images"] as const;
  return (
    <Table head={head.map((name) => t(`exclusions.${name}`))}>
      {kinds.kinds.map((one) => (
        <tr key={one.kind}>
          <td>{t(`exclusion.${one.kind}`)}</td>
          <td>{number(one.numbers)}</td>
          <td>{number(one.patients)}</td>
          <td>{number(one.images)}</td>
        </tr>
      ))}
    </Table>
  );
}

/** Who was excluded is asked for at once: a patient who opts out wants to know what they had a part in. */
function AddForm({ decide, ask }: { readonly decide: Decide; readonly ask: (numbers: string[]) => Promise<boolean> }) {
  const [kind, setKind] = useState<ExclusionKind | "">("");
  const add = async (numbers: string[]) => {
    const taken = await decide("/api/exclusions", { kind, numbers }, "exclusions.added");
    if (taken) {
      await ask(numbers);
    }
    return taken;
  };
  return (
    <NumbersForm name="add" verb={t("exclusions.add")} hint={t("exclusions.add-hint")} ready={kind !== ""} submit={add}>
      <Choice id="add-kind" label={t("exclusions.kind")} values={KINDS} prefix="exclusion" chosen={kind} choose={setKind} />
    </NumbersForm>
  );
}

function LiftForm({ kinds, decide }: { readonly kinds: Kinds; readonly decide: Decide }) {
  const [kind, setKind] = useState<ExclusionKind | "">("");
  const [reason, setReason] = useState<LiftReason | "">("");
  const reasons = kinds.kinds.find((one) => one.kind === kind)?.reasons ?? [];
  const changeKind = (chosen: ExclusionKind | "") => {
    setKind(chosen);
    setReason("");
  };
  const end = (numbers: string[]) => decide("/api/exclusions/lifting", { kind, numbers, reason }, "exclusions.lifted");
  return (
    <NumbersForm name="lift" verb={t("exclusions.lift")} hint={t("exclusions.lift-hint")} ready={reason !== ""} submit={end}>
      <Choice id="lift-kind" label={t("exclusions.kind")} values={KINDS} prefix="exclusion" chosen={kind} choose={changeKind} />
      <Choice id="lift-reason" label={t("exclusions.why")} values={reasons} prefix="lift" chosen={reason} choose={setReason} />
    </NumbersForm>
  );
}

interface ChoiceProps<Value extends string> {
  readonly id: string;
  readonly label: string;
  readonly values: readonly Value[];
  readonly prefix: "exclusion" | "lift";
  readonly chosen: Value | "";
  readonly choose: (chosen: Value | "") => void;
}

function Choice<Value extends string>({ id, label, values, prefix, chosen, choose }: ChoiceProps<Value>) {
  return (
    <>
      <label for={id}>{label}</label>
      <select
        id={id}
        value={chosen}
        onChange={(event) => {
          choose(values.find((one) => one === event.currentTarget.value) ?? "");
        }}
      >
        <option value="">{t("exclusions.choose")}</option>
        {values.map((one) => (
          <option key={one} value={one}>
            {t(`${prefix}.${one}` as TextKey)}
          </option>
        ))}
      </select>
    </>
  );
}

interface NumbersFormProps {
  readonly name: "add" | "lift" | "rounds";
  readonly verb: string;
  readonly hint: string;
  readonly ready: boolean;
  readonly submit: (numbers: string[]) => Promise<boolean>;
  readonly children?: ComponentChildren;
}

/** The numbers are sent once and shown no more: after the node took them the field is empty. */
function NumbersForm({ name, verb, hint, ready, submit, children }: NumbersFormProps) {
  const [text, setText] = useState("");
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    if (await submit(text.split("\n"))) {
      setText("");
    }
  };
  return (
    <form onSubmit={(event) => void send(event)} autocomplete="off">
      <h2>{verb}</h2>
      {children}
      <label for={`${name}-numbers`}>{t("exclusions.list")}</label>
      <textarea
        id={`${name}-numbers`}
        rows={4}
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
        }}
      />
      <p class="hint">{hint}</p>
      <button type="submit" class="main" disabled={!ready || text.trim() === ""}>
        {verb}
      </button>
    </form>
  );
}
