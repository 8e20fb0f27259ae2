/** Labelled fields of forms; a day is typed, checked and said in words in the page's language, not the browser's. */
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";

import { dayInWords, dayOf, monthAfter, monthInWords } from "../model/dates";
import { language } from "../state/session";
import { t } from "../texts";

interface Common {
  readonly label: string;
  readonly hint?: string;
  readonly required?: boolean;
}

interface TextProps extends Common {
  readonly value: string;
  readonly change: (value: string) => void;
  readonly longest?: number;
  readonly numeric?: boolean;
}

export function TextField({ label, hint, value, change, longest = 120, required = false, numeric = false }: TextProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input id={id} value={value} maxLength={longest} required={required} autocomplete="off" spellcheck={false}
        inputMode={numeric ? "decimal" : "text"} aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={(event) => { change(event.currentTarget.value); }} />
      <Hint id={id} text={hint} />
    </div>
  );
}

export function LongField({ label, hint, value, change, longest = 20_000, rows = 8 }: TextProps & { readonly rows?: number }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea id={id} value={value} maxLength={longest} rows={rows} spellcheck={false}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={(event) => { change(event.currentTarget.value); }} />
      <Hint id={id} text={hint} />
    </div>
  );
}

interface SelectProps<Value extends string> extends Common {
  readonly value: Value | "";
  readonly options: readonly (readonly [Value, string])[];
  readonly change: (value: Value | "") => void;
  /** What is shown while nothing is chosen; without it the first option stands. */
  readonly none?: string;
}

export function SelectField<Value extends string>({ label, hint, value, options, change, none }: SelectProps<Value>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => { change(options.find(([one]) => one === event.currentTarget.value)?.[0] ?? ""); }}>
        {none !== undefined && <option value="">{none}</option>}
        {options.map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </select>
      <Hint id={id} text={hint} />
    </div>
  );
}

interface CheckProps {
  readonly label: string;
  readonly value: boolean;
  readonly change: (value: boolean) => void;
}

export function CheckField({ label, value, change }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={value} onChange={() => { change(!value); }} /> {label}
    </label>
  );
}

interface DateProps extends Common {
  /** The day as `2026-03-05`; empty while what stands in the field names none. */
  readonly value: string;
  readonly change: (day: string) => void;
  readonly last?: string;
}

/** A day, typed. Its form can only be sent with a day that there is, up to the last one. */
export function DateField({ label, value, change, last, required = false }: DateProps) {
  const id = useId();
  const [typed, setTyped] = useState(value);
  const shown = dayOf(typed) === value || value === "" ? typed : value;
  const fault = faultOf(shown, last);
  const type = (text: string) => {
    setTyped(text);
    change(faultOf(text, last) === "" ? (dayOf(text) ?? "") : "");
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input id={id} value={shown} required={required} maxLength={16} placeholder={t("date.form")} autocomplete="off"
        inputMode="numeric" aria-describedby={`${id}-words`} aria-invalid={fault !== ""}
        onInput={(event) => { type(event.currentTarget.value); }} />
      <p id={`${id}-words`} class={fault === "" ? "hint" : "fault"} role={fault === "" ? undefined : "alert"}>
        {fault === "" ? wordsOf(shown) : fault}
      </p>
    </div>
  );
}

function faultOf(text: string, last: string | undefined): string {
  if (text.trim() === "") {
    return "";
  }
  const day = dayOf(text);
  if (day === null) {
    return t("date.none-such", { form: t("date.form") });
  }
  return last !== undefined && day > last ? t("date.too-late", { day: dayInWords(last, language.value) }) : "";
}

function wordsOf(text: string): string {
  const day = dayOf(text);
  return day === null ? t("date.hint", { form: t("date.form") }) : dayInWords(day, language.value);
}

interface MonthProps {
  readonly month: string;
  readonly change: (month: string) => void;
  /** Months after this one cannot be chosen. */
  readonly last: string;
}

/** A month between an earlier and a later one. */
export function MonthSteps({ month, change, last }: MonthProps) {
  return (
    <div class="actions month" role="group" aria-label={t("month.choose")}>
      <button type="button" onClick={() => { change(monthAfter(month, -1)); }}>
        {t("month.before")}
      </button>
      <strong aria-live="polite">{monthInWords(month, language.value)}</strong>
      <button type="button" disabled={month >= last} onClick={() => { change(monthAfter(month, 1)); }}>
        {t("month.after")}
      </button>
    </div>
  );
}

function Hint({ id, text }: { readonly id: string; readonly text: string | undefined }) {
  return text === undefined ? null : (
    <p id={`${id}-hint`} class="hint">
      {text}
    </p>
  );
}

interface FormProps {
  readonly title?: string;
  readonly send: () => void;
  readonly children: ComponentChildren;
  readonly label?: string;
}

/** A form that asks the node, never the browser, to take what was said. */
export function Form({ title, send, children, label }: FormProps) {
  return (
    <form
      class="desk"
      autocomplete="off"
      aria-label={label ?? title}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {title !== undefined && <h2>{title}</h2>}
      {children}
    </form>
  );
}
