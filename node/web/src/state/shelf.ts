/**
 * Unacknowledged change sets on this PC: IndexedDB, each sealed under the person's own key, which the node gives after
 * sign-in and no script can read out again. In the clear stand random identifiers alone. Source: NIST SP 800-38D (GCM).
 */
import type { ChangeSet, Shelf } from "./outgoing";

interface Sealed {
  readonly number?: number;
  readonly id: string;
  readonly person: string;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly content: ArrayBuffer;
}

const DATABASE = "intramuros";
const STORE = "strokes";
const NONCE_BYTES = 12;

/** The key of a person's shelf, not to be read out again. */
export function importKey(base64: string): Promise<CryptoKey> {
  const raw = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

export async function sealed(set: ChangeSet, person: string, key: CryptoKey): Promise<Sealed> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const plain = new TextEncoder().encode(JSON.stringify(set));
  const content = await crypto.subtle.encrypt(parameters(nonce, person, set.id), key, plain);
  return { id: set.id, person, nonce, content };
}

/** The change set again. Rejects where it was sealed for somebody else, or altered. */
export async function opened({ id, person, nonce, content }: Sealed, key: CryptoKey): Promise<ChangeSet> {
  const plain = await crypto.subtle.decrypt(parameters(nonce, person, id), key, content);
  return JSON.parse(new TextDecoder().decode(plain)) as ChangeSet;
}

function parameters(iv: Uint8Array<ArrayBuffer>, person: string, id: string): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(`${person}/${id}`) };
}

export interface Read {
  readonly sets: readonly ChangeSet[];
  readonly unreadable: number;
}

/** What opens of these, in their order, and how many open no more: of a node that was set up anew, or altered. */
export async function readable(all: readonly Sealed[], key: CryptoKey): Promise<Read> {
  const tried = await Promise.allSettled(all.map((one) => opened(one, key)));
  const sets = tried.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  return { sets, unreadable: all.length - sets.length };
}

/** The shelf of one person. One act after the other, so that the order is that of the strokes. What opens no more stays
 *  where it is and is told by number. */
export function shelfOf(person: string, key: CryptoKey, unreadable: (count: number) => void): Shelf {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Value,>(act: () => Promise<Value>): Promise<Value> => {
    const turn = last.then(act, act);
    last = turn.catch(() => null);
    return turn;
  };
  return {
    keep: (set) => inTurn(async () => {
      const one = await sealed(set, person, key);
      await within("readwrite", (store) => asked(store.add(one)));
    }),
    drop: (id) => inTurn(async () => { await within("readwrite", (store) => deleted(store, id)); }),
    waiting: (assignment) => inTurn(async () => {
      const all = await within("readonly", (store) => asked(store.index("person").getAll(person) as IDBRequest<Sealed[]>));
      const read = await readable(all, key);
      unreadable(read.unreadable);
      return read.sets.filter((set) => set.assignment === assignment);
    }),
  };
}

async function deleted(store: IDBObjectStore, id: string): Promise<void> {
  const number = await asked(store.index("id").getKey(id));
  if (number !== undefined) {
    await asked(store.delete(number));
  }
}

async function within<Value>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => Promise<Value>): Promise<Value> {
  const database = await opening();
  try {
    const transaction = database.transaction(STORE, mode, { durability: "strict" });
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => { resolve(); };
      transaction.onerror = transaction.onabort = () => { reject(transaction.error ?? new Error("aborted")); };
    });
    const value = await act(transaction.objectStore(STORE));
    await done;
    return value;
  } finally {
    database.close();
  }
}

function opening(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    const store = request.result.createObjectStore(STORE, { keyPath: "number", autoIncrement: true });
    store.createIndex("id", "id", { unique: true });
    store.createIndex("person", "person");
  };
  return asked(request);
}

function asked<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => { resolve(request.result); };
    request.onerror = () => { reject(request.error ?? new Error("refused")); };
  });
}
