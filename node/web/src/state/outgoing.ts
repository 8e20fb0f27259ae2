/**
 * Change sets on their way to the node: first onto the shelf of this PC, then to the node in their order, and off the
 * shelf once the node has acknowledged them. What cannot be sent now waits and is tried again; nothing is thrown away here.
 */
import type { JsonObject } from "../model/merge";

export interface ChangeSet {
  readonly id: string;
  readonly assignment: string;
  /** The version of the draft that its page had read. */
  readonly over: number;
  readonly body: JsonObject;
}

/** Where change sets wait on this PC. */
export interface Shelf {
  keep(set: ChangeSet): Promise<void>;
  drop(id: string): Promise<void>;
  /** Those of one assignment, the earliest first. */
  waiting(assignment: string): Promise<readonly ChangeSet[]>;
}

export type Reply =
  | { readonly kind: "saved"; readonly version: number }
  | { readonly kind: "conflict" | "signed-out" | "unreachable" }
  | { readonly kind: "refused"; readonly reason: unknown };

export type Way = (set: ChangeSet, over: number) => Promise<Reply>;

export type Saving =
  | { readonly kind: "idle" | "saving" | "unreachable" | "signed-out" | "conflict"; readonly waiting: number }
  | { readonly kind: "refused"; readonly waiting: number; readonly reason: unknown };

export interface Heard {
  /** How sending stands now. */
  saving(saving: Saving): void;
  /** The node has acknowledged a change set. */
  saved(version: number): void;
  /** This PC cannot keep or drop what waits; sending goes on. */
  shelfFailed(): void;
}

/** Runs an act later; returns how to call it off. */
export type Later = (seconds: number, act: () => void) => () => void;

const LONGEST_WAIT_SECONDS = 8;

interface Waiting {
  readonly set: ChangeSet;
  readonly kept: Promise<void>;
}

export class Outgoing {
  #queue: Waiting[] = [];
  #version: number;
  #state: Saving["kind"] = "idle";
  #reason: unknown = null;
  #wait = 1;
  #callOff: (() => void) | null = null;
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(
    version: number,
    private readonly shelf: Shelf,
    private readonly way: Way,
    private readonly heard: Heard,
    private readonly later: Later,
  ) {
    this.#version = version;
  }

  /** The last version the node acknowledged here. */
  get version(): number {
    return this.#version;
  }

  get waiting(): readonly ChangeSet[] {
    return this.#queue.map(({ set }) => set);
  }

  /** The change set is on its way. One that lies on the shelf already is only sent. */
  add(set: ChangeSet, shelved = false): void {
    const kept = shelved ? Promise.resolve() : this.shelf.keep(set).catch(() => { this.heard.shelfFailed(); });
    this.#queue.push({ set, kept });
    this.#tell();
    if (this.#state === "idle" || this.#state === "saving") {
      void this.#pump();
    }
  }

  /** Whatever kept it from sending may be over: it tries now. `over` is the version to go on from, where that changed. */
  again(over?: number): Promise<void> {
    this.#version = over ?? this.#version;
    this.#callOff?.();
    this.#state = "idle";
    this.#wait = 1;
    return this.#pump();
  }

  /** Everything is with the node, or something keeps it from getting there. */
  async settled(): Promise<boolean> {
    await this.#running;
    return this.#queue.length === 0;
  }

  /** What waits is given up, here and on this PC. */
  async discard(): Promise<void> {
    const given = this.#queue;
    this.#queue = [];
    this.#state = "idle";
    this.#tell();
    for (const { set, kept } of given) {
      await kept;
      await this.shelf.drop(set.id).catch(() => { this.heard.shelfFailed(); });
    }
  }

  /** Nothing more is sent from here; what waits stays on the shelf. */
  stop(): void {
    this.#stopped = true;
    this.#callOff?.();
  }

  #pump(): Promise<void> {
    this.#running ??= this.#sendAll().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#queue[0]; next !== undefined && !this.#stopped; next = this.#queue[0]) {
      this.#to("saving");
      await next.kept;
      const reply = await this.way(next.set, this.#version);
      if (this.#queue[0] !== next) {
        continue;
      }
      if (reply.kind !== "saved") {
        this.#hindered(reply);
        return;
      }
      this.#queue.shift();
      this.#wait = 1;
      this.#version = Math.max(this.#version, reply.version);
      this.heard.saved(this.#version);
      await this.shelf.drop(next.set.id).catch(() => { this.heard.shelfFailed(); });
    }
    this.#to("idle");
  }

  #hindered(reply: Exclude<Reply, { kind: "saved" }>): void {
    this.#reason = reply.kind === "refused" ? reply.reason : null;
    this.#to(reply.kind);
    if (reply.kind === "unreachable" && !this.#stopped) {
      this.#callOff = this.later(this.#wait, () => void this.again());
      this.#wait = Math.min(LONGEST_WAIT_SECONDS, this.#wait * 2);
    }
  }

  #to(state: Saving["kind"]): void {
    this.#state = state;
    this.#tell();
  }

  #tell(): void {
    const waiting = this.#queue.length;
    this.heard.saving(
      this.#state === "refused" ? { kind: "refused", waiting, reason: this.#reason } : { kind: this.#state, waiting },
    );
  }
}
