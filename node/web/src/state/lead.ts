/** Which window of this browser works on a case: one leads, the others look on until they take over or it is closed. */

export interface Lead {
  /** This window leads from now on; the one that did looks on. */
  take(): void;
  /** This window is done with the case. */
  leave(): void;
}

export interface LeadHeard {
  leading(): void;
  /** Another window leads. */
  following(): void;
}

/** Where a browser has no locks, as outside HTTPS, each window leads and the node's versions keep them apart. */
export function leadOf(name: string, heard: LeadHeard, locks: LockManager | null): Lead {
  if (locks === null) {
    heard.leading();
    return { take: () => undefined, leave: () => undefined };
  }
  return new Held(name, heard, locks);
}

/** A window that left the same case a moment ago may still hold its lock: that is no other window. */
const PATIENCE_MS = 200;

class Held implements Lead {
  #release: (() => void) | null = null;
  #waiting = new AbortController();
  #left = false;

  constructor(
    private readonly name: string,
    private readonly heard: LeadHeard,
    private readonly locks: LockManager,
  ) {
    void this.#ask({ ifAvailable: true });
  }

  take(): void {
    this.#waiting.abort();
    void this.#ask({ steal: true });
  }

  leave(): void {
    this.#left = true;
    this.#waiting.abort();
    this.#release?.();
  }

  /** Holds the lock until it is given back or taken away; taken away, it waits for its turn again. */
  async #ask(options: LockOptions): Promise<void> {
    try {
      await this.locks.request(this.name, options, (lock) => {
        if (lock !== null) {
          return this.#hold();
        }
        this.#follow(PATIENCE_MS);
        return null;
      });
    } catch {
      this.#release = null;
      this.#follow(0);
    }
  }

  /** Waits for its turn; says so unless that comes within so many milliseconds. */
  #follow(afterMs: number): void {
    if (this.#left) {
      return;
    }
    const said = setTimeout(() => { this.heard.following(); }, afterMs);
    const { signal } = (this.#waiting = new AbortController());
    signal.addEventListener("abort", () => { clearTimeout(said); });
    const turn = this.locks.request(this.name, { signal }, () => {
      clearTimeout(said);
      return this.#hold();
    });
    turn.catch(() => {
      if (this.#release !== null && !signal.aborted) {
        this.#release = null;
        this.#follow(0);
      }
    });
  }

  #hold(): Promise<void> {
    if (this.#left) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#release = resolve;
      this.heard.leading();
    });
  }
}
