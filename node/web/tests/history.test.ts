import { describe, expect, it } from "vitest";

import type { Draft } from "../src/model/draft";
import { EMPTY_DRAFT, withSaid } from "../src/model/draft";
import { NO_HISTORY, redone, stepped, undone } from "../src/model/history";

const said = (text: string): Draft => withSaid(EMPTY_DRAFT, "t|||", { text });

describe("undo", () => {
  it("goes back step by step, and redo forward again", () => {
    const history = stepped(stepped(NO_HISTORY, EMPTY_DRAFT, null, 0), said("a"), null, 0);
    const back = undone(history, said("b"));
    expect(back?.draft).toEqual(said("a"));
    const start = undone(back?.history ?? NO_HISTORY, said("a"));
    expect(start?.draft).toEqual(EMPTY_DRAFT);
    expect(undone(start?.history ?? NO_HISTORY, EMPTY_DRAFT)).toBeNull();
    const again = redone(start?.history ?? NO_HISTORY, EMPTY_DRAFT);
    expect(again?.draft).toEqual(said("a"));
    expect(redone(again?.history ?? NO_HISTORY, said("a"))?.draft).toEqual(said("b"));
  });

  it("takes what is typed in one go as one step", () => {
    let history = stepped(NO_HISTORY, EMPTY_DRAFT, "t", 1000);
    history = stepped(history, said("ㄱ"), "t", 1200);
    history = stepped(history, said("가"), "t", 2000);
    expect(history.past).toEqual([EMPTY_DRAFT]);
    expect(stepped(history, said("가나"), "t", 9000).past).toHaveLength(2);
    expect(stepped(history, said("가나"), "other", 2100).past).toHaveLength(2);
  });

  it("has no forward after another step, and a bounded past", () => {
    const back = undone(stepped(NO_HISTORY, EMPTY_DRAFT, null, 0), said("a"));
    expect(stepped(back?.history ?? NO_HISTORY, EMPTY_DRAFT, null, 0).future).toEqual([]);
    let history = NO_HISTORY;
    for (let step = 0; step < 600; step += 1) {
      history = stepped(history, said(String(step)), null, step);
    }
    expect(history.past).toHaveLength(500);
  });
});
