import { describe, expect, it } from "vitest";

import { importKey, opened, readable, sealed } from "../src/state/shelf";

const KEY = btoa(String.fromCharCode(...Array.from({ length: 32 }, (_, index) => index)));
const OTHER = btoa(String.fromCharCode(...Array.from({ length: 32 }, (_, index) => 255 - index)));
const SET = { id: "s1", assignment: "a1", over: 3, body: { answers: { "t|||": { text: "우하엽 결절" } } } };

describe("what lies on the shelf", () => {
  it("is read again under the person's key, and by nobody else", async () => {
    const kept = await sealed(SET, "p1", await importKey(KEY));
    expect(await opened(kept, await importKey(KEY))).toEqual(SET);
    await expect(opened(kept, await importKey(OTHER))).rejects.toThrow();
    await expect(opened({ ...kept, person: "p2" }, await importKey(KEY))).rejects.toThrow();
    await expect(opened({ ...kept, id: "s2" }, await importKey(KEY))).rejects.toThrow();
  });

  it("shows nothing of what was said, and never the same bytes twice", async () => {
    const [one, other] = [await sealed(SET, "p1", await importKey(KEY)), await sealed(SET, "p1", await importKey(KEY))];
    const text = new TextDecoder().decode(one.content);
    expect(["우하엽", "answers", "a1"].filter((word) => text.includes(word))).toEqual([]);
    expect(new Uint8Array(one.content)).not.toEqual(new Uint8Array(other.content));
  });

  it("has a key that no script can read out", async () => {
    const key = await importKey(KEY);
    await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow();
  });

  it("is read past what opens no more, which is counted", async () => {
    const [key, other] = [await importKey(KEY), await importKey(OTHER)];
    const all = [await sealed(SET, "p1", other), await sealed(SET, "p1", key), await sealed({ ...SET, id: "s2" }, "p1", key)];
    expect(await readable(all, key)).toEqual({ sets: [SET, { ...SET, id: "s2" }], unreadable: 1 });
  });
});
