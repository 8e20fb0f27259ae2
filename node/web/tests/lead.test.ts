import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { leadOf } from "../src/state/lead";

type Asked = { readonly callback: (lock: Lock | null) => unknown; readonly reject: (reason: unknown) => void; readonly resolve: (value: unknown) => void };

/** The locks of one browser, as far as the page uses them. Source: W3C Web Locks API. */
class Locks {
  #holder: Asked | null = null;
  #queue: Asked[] = [];

  request(_name: string, options: LockOptions, callback: (lock: Lock | null) => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const asked = { callback, resolve, reject };
      if (options.steal === true) {
        this.#holder?.reject(new DOMException("stolen", "AbortError"));
        this.#grant(asked);
      } else if (this.#holder === null) {
        this.#grant(asked);
      } else if (options.ifAvailable === true) {
        resolve(callback(null));
      } else {
        this.#queue.push(asked);
        options.signal?.addEventListener("abort", () => {
          this.#queue = this.#queue.filter((one) => one !== asked);
          reject(new DOMException("given up", "AbortError"));
        });
      }
    });
  }

  #grant(asked: Asked): void {
    this.#holder = asked;
    void Promise.resolve(asked.callback({} as Lock)).then((value) => {
      asked.resolve(value);
      if (this.#holder === asked) {
        this.#holder = null;
        const next = this.#queue.shift();
        if (next !== undefined) {
          this.#grant(next);
        }
      }
    });
  }
}

function window(locks: Locks) {
  const said: string[] = [];
  const heard = { leading: () => said.push("leads"), following: () => said.push("follows") };
  return { said, lead: leadOf("case", heard, locks as unknown as LockManager) };
}

const turn = () => vi.advanceTimersByTimeAsync(1000);

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

describe("of two windows on one case", () => {
  it("the first leads, the second follows and leads once the first is done", async () => {
    const locks = new Locks();
    const [one, two] = [window(locks), window(locks)];
    await turn();
    expect([one.said, two.said]).toEqual([["leads"], ["follows"]]);
    one.lead.leave();
    await turn();
    expect(two.said).toEqual(["follows", "leads"]);
  });

  it("the second takes over, the first follows, and both can do so again", async () => {
    const locks = new Locks();
    const [one, two] = [window(locks), window(locks)];
    await turn();
    two.lead.take();
    await turn();
    expect([one.said, two.said]).toEqual([["leads", "follows"], ["follows", "leads"]]);
    one.lead.take();
    await turn();
    expect([one.said.at(-1), two.said.at(-1)]).toEqual(["leads", "follows"]);
    one.lead.leave();
    await turn();
    expect(two.said.at(-1)).toBe("leads");
  });

  it("one that left a moment ago is no other window", async () => {
    const locks = new Locks();
    const one = window(locks);
    one.lead.leave();
    const two = window(locks);
    await turn();
    expect(two.said).toEqual(["leads"]);
  });

  it("each leads where the browser has no locks", () => {
    const said: string[] = [];
    leadOf("case", { leading: () => said.push("leads"), following: () => said.push("follows") }, null);
    expect(said).toEqual(["leads"]);
  });
});
