/** Who is signed in, in which language, and which page is shown. */
import { computed, signal } from "@preact/signals";

import { get, send, useCsrf } from "../api/client";
import type { Language, Person, Role, Session } from "../model/types";
import { setLanguage } from "../texts";

export type PageName = "worklist" | "reading" | "projects" | "quarantine" | "exclusions" | "reidentification" | "tokens" | "plans" | "left" | "verdicts" | "node";

export const person = signal<Person | null>(null);
export const language = signal<Language>("ko");
export const page = signal<PageName>("worklist");

const PAGES_OF: readonly (readonly [PageName, readonly Role[]])[] = [
  ["worklist", ["reader", "labeler"]],
  ["projects", ["lead"]],
  ["plans", ["steward", "ethics", "it"]],
  ["left", ["it", "steward", "ethics", "auditor"]],
  ["verdicts", ["steward", "it", "lead", "ethics"]],
  ["quarantine", ["steward"]],
  ["exclusions", ["steward", "it"]],
  ["reidentification", ["steward", "clinician", "ethics", "auditor"]],
  ["tokens", ["it"]],
  ["node", ["it", "steward", "ethics"]],
];

/** The pages this person may open, first the one they start on. */
export const pages = computed<readonly PageName[]>(() => {
  const roles = person.value?.roles ?? [];
  return PAGES_OF.filter(([, allowed]) => allowed.some((role) => roles.includes(role))).map(([name]) => name);
});

/** Whether this person holds one of these roles: what others may not see is not asked for. */
export function holds(...roles: readonly Role[]): boolean {
  return person.value?.roles.some((role) => roles.includes(role)) ?? false;
}

const MARK = "intramuros-signed-in";

/** The session of an earlier visit goes on, if there was one: asking without one would only be refused. */
export async function resume(): Promise<void> {
  if (localStorage.getItem(MARK) === null) {
    return;
  }
  try {
    enter((await get("/api/session")) as Session);
  } catch {
    forget();
  }
}

export async function signIn(credentials: Record<string, string>): Promise<void> {
  enter((await send("POST", "/api/session", credentials)) as Session);
}

export async function signOut(): Promise<void> {
  await send("DELETE", "/api/session");
  forget();
}

/** The page speaks another language at once; the node remembers it for a person who is signed in. */
export async function speak(chosen: Language): Promise<void> {
  language.value = chosen;
  setLanguage(chosen);
  if (person.value !== null) {
    await send("PUT", "/api/session/language", { language: chosen });
  }
}

function forget(): void {
  localStorage.removeItem(MARK);
  person.value = null;
}

function enter(signedIn: Session): void {
  localStorage.setItem(MARK, "1");
  useCsrf(signedIn.csrf);
  person.value = signedIn.person;
  language.value = signedIn.person.language;
  setLanguage(signedIn.person.language);
  page.value = pages.value[0] ?? "worklist";
}
