/** How the person at the page works: chosen here, kept sealed on this PC under the person's own key, sent nowhere. */
import { effect, signal } from "@preact/signals";

import type { Habits } from "../model/habits";
import { HABITS, habitsFrom } from "../model/habits";
import type { JsonObject } from "../model/merge";
import { assignment } from "./reading";
import { person } from "./session";
import { ownShelf } from "./strokes";

export const habits = signal<Habits>(HABITS.form);
/** False where this PC cannot keep them: they are as usual after the next sign-in. */
export const kept = signal(true);

/** Their place on the shelf, where change sets have the case they are of. */
const PLACE = "habits";
let known: string | null = null;

/** From now on, and after the next sign-in on this PC. */
export async function adopt(next: Habits): Promise<void> {
  habits.value = next;
  const shelf = await ownShelf();
  kept.value = shelf !== null;
  if (shelf === null) {
    return;
  }
  try {
    const before = await shelf.waiting(PLACE);
    await shelf.keep({ id: crypto.randomUUID(), assignment: PLACE, over: 0, body: next as unknown as JsonObject });
    await Promise.all(before.map(({ id }) => shelf.drop(id)));
  } catch {
    kept.value = false; // a full or closed store; the page says so
  }
}

async function remember(owner: string): Promise<void> {
  try {
    const last = (await (await ownShelf())?.waiting(PLACE))?.at(-1);
    if (last !== undefined && person.value?.person_id === owner) {
      habits.value = habitsFrom(last.body);
    }
  } catch {
    kept.value = false;
  }
}

effect(() => {
  const owner = person.value?.person_id ?? null;
  if (owner === null) {
    known = null;
    habits.value = HABITS.form;
  } else if (assignment.value !== null && known !== owner) {
    known = owner;
    void remember(owner);
  }
});
