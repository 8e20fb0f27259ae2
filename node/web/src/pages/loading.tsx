/** What a page loads when it opens, and how a refusal is shown. */
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";

import { get, Refused } from "../api/client";
import { language } from "../state/session";
import { t } from "../texts";

export interface Loaded<Value> {
  readonly value: Value | null;
  readonly error: string;
  readonly again: () => Promise<void>;
}

export function useLoaded<Value>(path: string): Loaded<Value> {
  const [value, setValue] = useState<Value | null>(null);
  const [error, setError] = useState("");
  const again = useCallback(async () => {
    try {
      setValue((await get(path)) as Value);
      setError("");
    } catch (refusal) {
      setError(sentence(refusal));
    }
  }, [path]);
  useEffect(() => void again(), [again]);
  return { value, error, again };
}

/** A refusal as one sentence in the page's language. */
export function sentence(refusal: unknown): string {
  if (refusal instanceof Refused) {
    const { title, title_ko, code } = refusal.problem;
    return (language.value === "ko" ? title_ko : title) || code;
  }
  return t("error.network");
}

export function Trouble({ text }: { readonly text: string }) {
  return text === "" ? null : (
    <p class="trouble" role="alert">
      <strong>{t("error.title")}.</strong> {text}
    </p>
  );
}

export function Table({ head, children }: { readonly head: readonly string[]; readonly children: ComponentChildren }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            {head.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export function moment(text: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(text));
}

export function number(value: number): string {
  return new Intl.NumberFormat(language.value).format(value);
}
