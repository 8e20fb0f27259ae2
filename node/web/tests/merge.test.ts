import { describe, expect, it } from "vitest";

import type { JsonObject } from "../src/model/merge";
import { difference, merged } from "../src/model/merge";

/** Objects of every shape the draft has, made from a number, so that a failure names itself. */
function made(seed: number): JsonObject {
  const some: Record<string, JsonObject | string | readonly number[] | number> = {};
  for (let bit = 0; bit < 4; bit += 1) {
    const kind = Math.floor(seed / 4 ** bit) % 4;
    if (kind === 1) {
      some[`k${bit}`] = { inner: seed % 7, ...(seed % 3 === 0 ? { deep: { deeper: seed % 2 } } : {}) };
    } else if (kind === 2) {
      some[`k${bit}`] = [seed % 5, 1];
    } else if (kind === 3) {
      some[`k${bit}`] = `text ${seed % 3}`;
    }
  }
  return some;
}

describe("a change set", () => {
  it("takes any object into any other, and back", () => {
    for (let one = 0; one < 256; one += 5) {
      for (let other = 0; other < 256; other += 7) {
        const [before, after] = [made(one), made(other)];
        const patch = difference(before, after);
        expect(merged(before, patch ?? {}), `${one} to ${other}`).toEqual(after);
      }
    }
  });

  it("is none where nothing changed", () => {
    expect(difference({ a: { b: [1] } }, { a: { b: [1] } })).toBeNull();
  });

  it("names only what changed", () => {
    const before = { answers: { one: { option: "a" }, two: { typed: "1" } }, marks: {} };
    const after = { answers: { one: { abstention: "absent" }, two: { typed: "1" } }, marks: {} };
    expect(difference(before, after)).toEqual({ answers: { one: { option: null, abstention: "absent" } } });
  });

  it("says the same when it is applied twice", () => {
    const patch = { a: { b: null, c: 2 } };
    const once = merged({ a: { b: 1 } }, patch);
    expect(merged(once, patch)).toEqual(once);
  });
});
