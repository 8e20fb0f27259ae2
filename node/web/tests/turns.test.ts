import { describe, expect, it } from "vitest";

import { Turns } from "../src/volume/turns";

/** A promise that the test keeps or breaks. */
function promised() {
  let [keep, fail]: [() => void, (reason: Error) => void] = [() => undefined, () => undefined];
  const promise = new Promise<void>((resolve, reject) => { [keep, fail] = [resolve, reject]; });
  return { promise, keep: () => { keep(); return settled(); }, fail: () => { fail(new Error("broken")); return settled(); } };
}

/** Something that is opened when the test says so, and tells what became of it. */
function thing(name: string, told: string[]) {
  const [finding, opening] = [promised(), promised()];
  return {
    found: finding.keep,
    opened: opening.keep,
    fail: opening.fail,
    turn: {
      find: () => finding.promise,
      open: async () => {
        told.push(`${name} opens`);
        await opening.promise;
        return name;
      },
      stands: () => { told.push(`${name} stands`); },
      fails: () => { told.push(`${name} fails`); },
      close: () => { told.push(`${name} closes`); },
    },
  };
}

/** All that has been promised and waits for nothing else has happened. */
function settled(): Promise<void> {
  return new Promise((done) => { setTimeout(done, 0); });
}

describe("of two volumes", () => {
  it("the second is opened once the first, ended while it was opening, is closed", async () => {
    const [told, turns] = [[] as string[], new Turns()];
    const [first, second] = [thing("first", told), thing("second", told)];
    const end = turns.take(first.turn);
    await first.found();
    end();
    turns.take(second.turn);
    await second.found();
    expect(told).toEqual(["first opens"]);
    await first.opened();
    await second.opened();
    expect(told).toEqual(["first opens", "first closes", "second opens", "second stands"]);
  });

  it("the first is never opened where it was ended before, and nobody waits for it", async () => {
    const [told, turns] = [[] as string[], new Turns()];
    const [first, second] = [thing("first", told), thing("second", told)];
    turns.take(first.turn)();
    turns.take(second.turn);
    await second.found();
    await second.opened();
    await first.found();
    expect(told).toEqual(["second opens", "second stands"]);
  });

  it("the second is opened after a first that failed, which is not told once it was ended", async () => {
    const [told, turns] = [[] as string[], new Turns()];
    const [first, second] = [thing("first", told), thing("second", told)];
    const end = turns.take(first.turn);
    await first.found();
    await first.fail();
    end();
    turns.take(second.turn);
    await second.found();
    await second.opened();
    expect(told).toEqual(["first opens", "first fails", "second opens", "second stands"]);
  });
});
