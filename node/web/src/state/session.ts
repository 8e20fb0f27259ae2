/** Who is signed in, in which language, and which page is shown. */
import { computed, signal } from "@preact/signals";

import { get, Refused, send, useCsrf, whenSignedOut } from "../api/client";
import type { Language, Person, Role, Session } from "../model/types";
import { setLanguage } from "../texts";

export type PageName = "worklist" | "reading" | "projects" | "quarantine" | "exclusions" | "reidentification" | "tokens" | "plans" | "left" | "verdicts" | "node" | "adjudication" | "pay" | "gold" | "people" | "fund" | "concerns" | "labelers" | "certificates" | "courses" | "teaching" | "peers";

export const person = signal<Person | null>(null);
/** The session has ended and the person is still at work: they sign in again on the same page. */
export const expired = signal(false);
/** The node could not be told of a sign-out. */
export const unheard = signal(false);
export const language = signal<Language>("ko");
export const page = signal<PageName>("worklist");

const PAGES_OF: readonly (readonly [PageName, readonly Role[]])[] = [
  ["worklist", ["reader", "labeler"]],
  ["adjudication", ["adjudicator"]],
  ["pay", ["reader", "labeler", "adjudicator"]],
  ["gold", ["reader", "labeler"]],
  ["courses", ["reader", "labeler"]],
  ["teaching", ["trainer"]],
  ["certificates", ["labeler"]],
  ["projects", ["lead"]],
  ["fund", ["fund-holder"]],
  ["plans", ["steward", "ethics", "it"]],
  ["peers", ["it", "steward", "ethics"]],
  ["left", ["it", "steward", "ethics", "auditor"]],
  ["verdicts", ["steward", "it", "lead", "ethics"]],
  ["quarantine", ["steward"]],
  ["concerns", ["clinician", "steward", "it"]],
  ["exclusions", ["steward", "it"]],
  ["reidentification", ["steward", "clinician", "ethics", "auditor"]],
  ["people", ["it"]],
  ["labelers", ["trainer"]],
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

/** Somebody is signed in. The same person as before goes on where they were; anybody else begins anew. */
export async function signIn(credentials: Record<string, string>): Promise<void> {
  const opened = (await send("POST", "/api/session", credentials)) as Session;
  if (expired.value && opened.person.person_id === person.value?.person_id) {
    useCsrf(opened.csrf);
    expired.value = false;
    return;
  }
  forget();
  enter(opened);
}

const leaving: (() => Promise<unknown>)[] = [];

/** Done before the session ends, while the node still listens. */
export function beforeLeaving(act: () => Promise<unknown>): void {
  leaving.push(act);
}

/** Nobody is signed in here any more, whether or not the node could be told. */
export async function signOut(): Promise<void> {
  try {
    await Promise.all(leaving.map((act) => act()));
    await send("DELETE", "/api/session");
    unheard.value = false;
  } catch (refusal) {
    unheard.value = !(refusal instanceof Refused && refusal.problem.status === 401);
  }
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
  expired.value = false;
}

whenSignedOut(() => {
  expired.value = person.value !== null;
});

function enter(signedIn: Session): void {
  localStorage.setItem(MARK, "1");
  useCsrf(signedIn.csrf);
  person.value = signedIn.person;
  language.value = signedIn.person.language;
  setLanguage(signedIn.person.language);
  page.value = pages.value[0] ?? "worklist";
}
