import { describe, expect, it } from "vitest";

import type { ChangeSet, Reply, Saving, Shelf } from "../src/state/outgoing";
import { Outgoing } from "../src/state/outgoing";

function set(id: string, over = 0): ChangeSet {
  return { id, assignment: "a", over, body: { said: id } };
}

/** A node with one draft, which behaves as the real one: versions, and the same answer to the same change set. */
class Node {
  readonly taken: string[] = [];
  readonly asked: string[] = [];
  trouble: Reply | null = null;
  /** The change set is stored, and the answer is lost. */
  answerLost = false;

  readonly way = (sent: ChangeSet, over: number): Promise<Reply> => {
    this.asked.push(sent.id);
    if (this.trouble !== null) {
      return Promise.resolve(this.trouble);
    }
    const before = this.taken.indexOf(sent.id);
    if (before < 0 && over !== this.taken.length) {
      return Promise.resolve({ kind: "conflict" });
    }
    if (before < 0) {
      this.taken.push(sent.id);
    }
    return Promise.resolve(this.answerLost ? { kind: "unreachable" } : { kind: "saved", version: (before < 0 ? this.taken.length - 1 : before) + 1 });
  };
}

class Desk {
  readonly node = new Node();
  readonly shelf = new Map<string, ChangeSet>();
  readonly said: Saving[] = [];
  readonly timers: { seconds: number; act: () => void }[] = [];
  shelfBroken = false;
  shelfFailed = 0;
  readonly outgoing: Outgoing;

  constructor(version = 0) {
    const shelf: Shelf = {
      keep: (one) => (this.shelfBroken ? Promise.reject(new Error("full")) : Promise.resolve(void this.shelf.set(one.id, one))),
      drop: (id) => Promise.resolve(void this.shelf.delete(id)),
      waiting: () => Promise.resolve([...this.shelf.values()]),
    };
    const heard = {
      saving: (now: Saving) => { this.said.push(now); },
      saved: () => undefined,
      shelfFailed: () => { this.shelfFailed += 1; },
    };
    this.outgoing = new Outgoing(version, shelf, this.node.way, heard, (seconds, act) => {
      this.timers.push({ seconds, act });
      return () => undefined;
    });
  }

  get now(): Saving | undefined {
    return this.said.at(-1);
  }
}

describe("change sets on their way", () => {
  it("go to the node in their order, one over the other, and leave nothing on the shelf", async () => {
    const desk = new Desk();
    ["one", "two", "three"].forEach((id) => { desk.outgoing.add(set(id)); });
    expect(await desk.outgoing.settled()).toBe(true);
    expect(desk.node.taken).toEqual(["one", "two", "three"]);
    expect([desk.outgoing.version, desk.shelf.size, desk.now?.kind]).toEqual([3, 0, "idle"]);
  });

  it("lie on the shelf before they are sent", async () => {
    const desk = new Desk();
    desk.node.trouble = { kind: "unreachable" };
    desk.outgoing.add(set("one"));
    await desk.outgoing.settled();
    desk.outgoing.add(set("two"));
    expect([...desk.shelf.keys()]).toEqual(["one", "two"]);
    expect(desk.now).toEqual({ kind: "unreachable", waiting: 2 });
    expect(desk.node.asked).toEqual(["one"]);
  });

  it("are tried again ever more seldom while the node is away, and all go once it is back", async () => {
    const desk = new Desk();
    desk.node.trouble = { kind: "unreachable" };
    desk.outgoing.add(set("one"));
    await desk.outgoing.settled();
    for (let tries = 0; tries < 5; tries += 1) {
      desk.timers.at(-1)?.act();
      await desk.outgoing.settled();
    }
    expect(desk.timers.map(({ seconds }) => seconds).every((seconds) => seconds >= 1 && seconds <= 8)).toBe(true);
    desk.outgoing.add(set("two"));
    desk.node.trouble = null;
    desk.timers.at(-1)?.act();
    expect(await desk.outgoing.settled()).toBe(true);
    expect(desk.node.taken).toEqual(["one", "two"]);
  });

  it("whose answer was lost are sent again and counted once", async () => {
    const desk = new Desk();
    desk.node.answerLost = true;
    desk.outgoing.add(set("one"));
    await desk.outgoing.settled();
    desk.node.answerLost = false;
    desk.outgoing.add(set("two"));
    await desk.outgoing.again();
    expect(desk.node.taken).toEqual(["one", "two"]);
    expect(desk.outgoing.version).toBe(2);
  });

  it("of a page that crashed are replayed, those too that the node has already", async () => {
    const desk = new Desk(0);
    desk.node.taken.push("one");
    for (const id of ["one", "two"]) {
      desk.shelf.set(id, set(id));
      desk.outgoing.add(set(id), true);
    }
    expect(await desk.outgoing.settled()).toBe(true);
    expect([desk.node.taken, desk.shelf.size]).toEqual([["one", "two"], 0]);
  });

  it("wait where somebody else saved meanwhile, until it is said which work is to stand", async () => {
    const desk = new Desk(0);
    desk.node.taken.push("theirs");
    desk.outgoing.add(set("mine"));
    expect(await desk.outgoing.settled()).toBe(false);
    expect(desk.now).toEqual({ kind: "conflict", waiting: 1 });
    await desk.outgoing.again(1);
    expect(desk.node.taken).toEqual(["theirs", "mine"]);
    const other = new Desk(0);
    other.node.taken.push("theirs");
    other.outgoing.add(set("mine"));
    await other.outgoing.settled();
    await other.outgoing.discard();
    expect([other.node.taken, other.shelf.size, other.now?.waiting]).toEqual([["theirs"], 0, 0]);
  });

  it("wait for the next sign-in, and for nothing where the node refuses them", async () => {
    const desk = new Desk();
    desk.node.trouble = { kind: "signed-out" };
    desk.outgoing.add(set("one"));
    await desk.outgoing.settled();
    expect([desk.now?.kind, desk.timers.length]).toEqual(["signed-out", 0]);
    desk.node.trouble = { kind: "refused", reason: "closed" };
    await desk.outgoing.again();
    expect(desk.now).toEqual({ kind: "refused", waiting: 1, reason: "closed" });
    expect(desk.shelf.size).toBe(1);
  });

  it("go on where this PC can keep nothing, and that is said", async () => {
    const desk = new Desk();
    desk.shelfBroken = true;
    desk.outgoing.add(set("one"));
    expect(await desk.outgoing.settled()).toBe(true);
    expect(desk.shelfFailed).toBe(1);
  });

  it("stay on the shelf once another window has taken over", async () => {
    const desk = new Desk();
    desk.node.trouble = { kind: "unreachable" };
    desk.outgoing.add(set("one"));
    await desk.outgoing.settled();
    desk.outgoing.stop();
    desk.node.trouble = null;
    desk.timers.at(-1)?.act();
    await desk.outgoing.settled();
    expect([desk.node.taken, [...desk.shelf.keys()]]).toEqual([[], ["one"]]);
  });
});
