/** The shelf of whoever is signed in; its key is asked for once a sign-in and gone with it. */
import { effect, signal } from "@preact/signals";

import { get } from "../api/client";
import type { StrokeKey } from "../model/types";
import type { Shelf } from "./outgoing";
import { person } from "./session";
import { importKey, shelfOf } from "./shelf";

let own: Promise<Shelf> | null = null;

/** How many of the person's steps on this PC open no more. */
export const unreadable = signal(0);

/** The person's own shelf; none where this browser can keep nothing sealed, as outside HTTPS. */
export async function ownShelf(): Promise<Shelf | null> {
  const owner = person.value?.person_id;
  if (owner === undefined || !globalThis.isSecureContext) {
    return null;
  }
  own ??= opened(owner);
  try {
    return await own;
  } catch {
    own = null;
    return null;
  }
}

async function opened(owner: string): Promise<Shelf> {
  const { key } = (await get("/api/session/stroke-key")) as StrokeKey;
  return shelfOf(owner, await importKey(key), (count) => { unreadable.value = count; });
}

effect(() => {
  if (person.value === null) {
    own = null;
    unreadable.value = 0;
  }
});
