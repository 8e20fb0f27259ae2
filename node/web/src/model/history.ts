/** Undo and redo over whole drafts: drafts share what did not change, so a step costs what it changed. */
import type { Draft } from "./draft";

const MOST_STEPS = 500;
const ONE_GO_MS = 1500;

export interface History {
  readonly past: readonly Draft[];
  readonly future: readonly Draft[];
  /** What the last step was about, and when: typing goes on as one step. */
  readonly group: string | null;
  readonly at: number;
}

export const NO_HISTORY: History = { past: [], future: [], group: null, at: 0 };

/** The history after a step away from `before`; `group` names what is being typed, none for a step of its own. */
export function stepped(history: History, before: Draft, group: string | null, now: number): History {
  if (group !== null && group === history.group && now - history.at < ONE_GO_MS) {
    return { ...history, future: [], at: now };
  }
  return { past: [...history.past, before].slice(-MOST_STEPS), future: [], group, at: now };
}

/** One step back from `current`: the draft to show, and the history then; none where there is none. */
export function undone(history: History, current: Draft): { readonly draft: Draft; readonly history: History } | null {
  const draft = history.past.at(-1);
  if (draft === undefined) {
    return null;
  }
  const past = history.past.slice(0, -1);
  return { draft, history: { past, future: [...history.future, current], group: null, at: 0 } };
}

/** One step forward again. */
export function redone(history: History, current: Draft): { readonly draft: Draft; readonly history: History } | null {
  const draft = history.future.at(-1);
  if (draft === undefined) {
    return null;
  }
  const future = history.future.slice(0, -1);
  return { draft, history: { past: [...history.past, current], future, group: null, at: 0 } };
}
