import { expect, test } from "vitest";

import { spans } from "../src/model/histogram";
import { updateWords } from "../src/model/updateWords";

const counts = (filled: Record<number, number>) => Array.from({ length: 10 }, (_, place) => filled[place] ?? 0);

test("spans are named by their bounds, from nothing to no end", () => {
  const all = spans(counts({ 0: 1, 9: 2 }));
  expect(all).toHaveLength(10);
  expect(all[0]).toEqual({ from: "0", to: "1e-8", count: 1 });
  expect(all[7]).toEqual({ from: "0.01", to: "0.1", count: 0 });
  expect(all[9]).toEqual({ from: "1", to: null, count: 2 });
});

test("empty spans at the ends are left out and a gap between others stays", () => {
  expect(spans(counts({ 4: 5, 6: 1 })).map(({ from, count }) => [from, count])).toEqual([
    ["0.00001", 5],
    ["0.0001", 0],
    ["0.001", 1],
  ]);
  expect(spans(counts({}))).toEqual([]);
});

test("only a masked update is said never to have left as it is", () => {
  expect(updateWords("masked-update").about).toBe("left.update-about");
  expect(updateWords("model-update").about).toBe("left.update-plain-about");
});
