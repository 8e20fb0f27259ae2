/** The draft of the case at hand: every change is a step of its history and a change set on its way to the node. */
import { computed, effect, signal } from "@preact/signals";

import { get, Refused, stroke } from "../api/client";
import type { Draft } from "../model/draft";
import { draftFrom, EMPTY_DRAFT } from "../model/draft";
import type { History } from "../model/history";
import { NO_HISTORY, redone, stepped, undone } from "../model/history";
import type { JsonObject } from "../model/merge";
import { difference, merged } from "../model/merge";
import type { DraftView } from "../model/types";
import type { Lead } from "./lead";
import { leadOf } from "./lead";
import type { ChangeSet, Reply, Saving, Shelf } from "./outgoing";
import { Outgoing } from "./outgoing";
import { beforeLeaving, expired, person } from "./session";
import { ownShelf } from "./strokes";

/** Who may work here: this window, or another one; `opening` until that is known and what waited was sent. */
export type Standing = "closed" | "opening" | "leading" | "following";

export const draft = signal<Draft>(EMPTY_DRAFT);
export const standing = signal<Standing>("closed");
export const saving = signal<Saving>({ kind: "idle", waiting: 0 });
/** When the node last acknowledged a change set, by this PC's clock; none before the first. */
export const savedAt = signal<number | null>(null);
/** False where this PC cannot keep what waits: it is safe only once it is with the node. */
export const shelved = signal(true);

const ASK_AGAIN_MS = 2000;
const history = signal<History>(NO_HISTORY);
export const canWork = computed(() => standing.value === "leading" && saving.value.kind !== "conflict" && saving.value.kind !== "refused");
export const canUndo = computed(() => canWork.value && history.value.past.length > 0);
export const canRedo = computed(() => canWork.value && history.value.future.length > 0);

interface Desk {
  readonly assignment: string;
  readonly lead: Lead;
  outgoing: Outgoing | null;
}

let desk: Desk | null = null;

/** The work on an assignment is open: in this window, or said to be in another. */
export function openDraft(assignment: string): void {
  closeDraft();
  standing.value = "opening";
  const heard = { leading: () => void begin(assignment), following: () => { follow(assignment); } };
  const lead = leadOf(`intramuros-case-${assignment}`, heard, globalThis.isSecureContext ? navigator.locks : null);
  desk = { assignment, lead, outgoing: null };
}

/** Nothing of the case is left in this window. What waits stays sealed on this PC. */
export function closeDraft(): void {
  desk?.outgoing?.stop();
  desk?.lead.leave();
  desk = null;
  show(EMPTY_DRAFT);
  standing.value = "closed";
  saving.value = { kind: "idle", waiting: 0 };
  savedAt.value = null;
}

/** This window works on from here, another one looks on. */
export function takeOver(): void {
  desk?.lead.take();
}

/** The draft is the next one. `group` names what is being typed, so that a word is one step. */
export function change(next: Draft, group: string | null = null): void {
  if (!canWork.value) {
    return;
  }
  const before = draft.value;
  if (put(next)) {
    history.value = stepped(history.value, before, group, Date.now());
  }
}

export function undo(): void {
  step(undone(history.value, draft.value), canUndo.value);
}

export function redo(): void {
  step(redone(history.value, draft.value), canRedo.value);
}

/** Everything done here is with the node. */
export async function allSaved(): Promise<boolean> {
  return (await desk?.outgoing?.settled()) ?? true;
}

/** Another window or PC saved meanwhile: what was done here goes on top of it. */
export async function goOnHere(): Promise<void> {
  const [at, outgoing] = [desk, desk?.outgoing];
  if (at === null || outgoing == null) {
    return;
  }
  const saved = await fetched(at.assignment);
  show(onto(saved, outgoing.waiting));
  await outgoing.again(saved.version);
}

/** Another window or PC saved meanwhile: its work stands, and what was not saved here is given up. */
export async function takeTheirs(): Promise<void> {
  const [at, outgoing] = [desk, desk?.outgoing];
  if (at === null || outgoing == null) {
    return;
  }
  await outgoing.discard();
  const saved = await fetched(at.assignment);
  show(draftFrom(saved.content));
  await outgoing.again(saved.version);
}

function step(taken: { readonly draft: Draft; readonly history: History } | null, may: boolean): void {
  if (taken !== null && may) {
    put(taken.draft);
    history.value = taken.history;
  }
}

function put(next: Draft): boolean {
  const body = difference(asJson(draft.value), asJson(next));
  if (body === null || desk?.outgoing == null) {
    return false;
  }
  draft.value = next;
  desk.outgoing.add({ id: crypto.randomUUID(), assignment: desk.assignment, over: desk.outgoing.version, body });
  return true;
}

function show(shown: Draft): void {
  draft.value = shown;
  history.value = NO_HISTORY;
}

/** What waited on this PC goes first; the draft is the node's with it on top, and work goes on from there. */
async function begin(assignment: string): Promise<void> {
  const shelf = await ownShelf();
  shelved.value = shelf !== null;
  const [waiting, saved] = await Promise.all([onShelf(shelf, assignment), fetchedAtLast(assignment)]);
  if (saved === null || desk?.assignment !== assignment) {
    return;
  }
  const outgoing = new Outgoing(waiting[0]?.over ?? saved.version, shelf ?? NO_SHELF, carried, HEARD, soon);
  desk.outgoing?.stop();
  desk.outgoing = outgoing;
  show(onto(saved, waiting));
  savedAt.value = saved.saved_at === null ? null : Date.parse(saved.saved_at);
  standing.value = "leading";
  for (const set of waiting) {
    outgoing.add(set, true);
  }
}

function follow(assignment: string): void {
  desk?.outgoing?.stop();
  if (desk !== null) {
    desk.outgoing = null;
  }
  saving.value = { kind: "idle", waiting: 0 };
  standing.value = "following";
  void fetchedAtLast(assignment).then((saved) => {
    if (saved !== null && standing.value === "following") {
      show(draftFrom(saved.content));
    }
  });
}

function onto(saved: DraftView, waiting: readonly ChangeSet[]): Draft {
  const start = asJson(draftFrom(saved.content));
  return draftFrom(waiting.reduce((below, { body }) => merged(below, body) as JsonObject, start));
}

async function fetched(assignment: string): Promise<DraftView> {
  return (await get(`/api/assignments/${assignment}/draft`)) as DraftView;
}

/** The saved draft as soon as the node can be asked; none once this window has left the case, or may not see it. */
async function fetchedAtLast(assignment: string): Promise<DraftView | null> {
  while (desk === null || desk.assignment === assignment) {
    try {
      return await fetched(assignment);
    } catch (refusal) {
      if (refusal instanceof Refused && refusal.problem.status !== 401 && refusal.problem.status < 500) {
        return null;
      }
    }
    await new Promise((go) => setTimeout(go, ASK_AGAIN_MS));
  }
  return null;
}

function carried(set: ChangeSet, over: number): Promise<Reply> {
  const body = { change_set_id: set.id, kind: "merge", body: set.body };
  return stroke(`/api/assignments/${set.assignment}/draft/changes`, over, body);
}

function soon(seconds: number, act: () => void): () => void {
  const timer = setTimeout(act, seconds * 1000);
  return () => { clearTimeout(timer); };
}

async function onShelf(shelf: Shelf | null, assignment: string): Promise<readonly ChangeSet[]> {
  try {
    return (await shelf?.waiting(assignment)) ?? [];
  } catch {
    notShelved();
    return [];
  }
}

function notShelved(): void {
  shelved.value = false;
}

function asJson(of: Draft): JsonObject {
  return of as unknown as JsonObject;
}

const NO_SHELF: Shelf = {
  keep: () => Promise.resolve(),
  drop: () => Promise.resolve(),
  waiting: () => Promise.resolve([]),
};

const HEARD = {
  saving: (now: Saving) => { saving.value = now; },
  saved: () => { savedAt.value = Date.now(); },
  shelfFailed: notShelved,
};

// Signed in again on the same page, or the line is back: what waits goes on.
effect(() => {
  if (!expired.value && person.value !== null && saving.peek().kind === "signed-out") {
    void desk?.outgoing?.again();
  }
});
globalThis.addEventListener("online", () => {
  if (saving.value.kind === "unreachable") {
    void desk?.outgoing?.again();
  }
});
// A browser asks before it closes a window in which alone something waits.
globalThis.addEventListener("beforeunload", (event) => {
  if (!shelved.value && saving.value.waiting > 0) {
    event.preventDefault();
  }
});
beforeLeaving(allSaved);
