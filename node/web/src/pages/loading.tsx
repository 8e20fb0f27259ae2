/** What a page loads when it opens, and how a refusal is shown. */
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { get, Refused } from "../api/client";
import { language } from "../state/session";
import { t } from "../texts";

export interface Loaded<Value> {
  readonly value: Value | null;
  readonly error: string;
  readonly again: () => Promise<void>;
}

/** What the path answers; nothing of another path stands while it is asked for, and no late answer comes in its place. */
export function useLoaded<Value>(path: string): Loaded<Value> {
  const asked = useRef(path);
  asked.current = path;
  const [value, setValue] = useState<Value | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const again = useCallback(async () => {
    try {
      const answer = (await get(path)) as Value;
      if (asked.current === path) {
        setValue(() => answer);
        setRefused(null);
      }
    } catch (refusal) {
      if (asked.current === path) {
        setRefused(refusal);
      }
    }
  }, [path]);
  useEffect(() => {
    setValue(null);
    void again();
  }, [again]);
  return { value, error: refused === null ? "" : sentence(refused), again };
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
