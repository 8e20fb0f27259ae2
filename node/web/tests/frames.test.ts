import { describe, expect, it } from "vitest";

import { FrameShelf } from "../src/state/frames";
import type { Frame } from "../src/viewer/window";

function shelf(bytes: number) {
  const asked: string[] = [];
  let broken = false;
  const fetched = (path: string): Promise<Frame> => {
    asked.push(path);
    const values = new Uint8Array(bytes);
    return broken ? Promise.reject(new Error("away")) : Promise.resolve({ rows: 1, columns: bytes, samples: 1, values, inverted: false });
  };
  return { asked, breakIt: (now: boolean) => { broken = now; }, frames: new FrameShelf(fetched) };
}

describe("frames", () => {
  it("are asked for once, those ahead too", async () => {
    const { asked, frames } = shelf(8);
    frames.ahead(["1", null, "2"]);
    await Promise.all([frames.get("1"), frames.get("2"), frames.get("1")]);
    expect(asked).toEqual(["1", "2"]);
    frames.clear();
    await frames.get("1");
    expect(asked).toEqual(["1", "2", "1"]);
  });

  it("that failed are asked for anew", async () => {
    const { asked, breakIt, frames } = shelf(8);
    breakIt(true);
    await expect(frames.get("1")).rejects.toThrow();
    breakIt(false);
    await frames.get("1");
    expect(asked).toEqual(["1", "1"]);
  });

  it("seen longest ago go first when memory is short", async () => {
    const { asked, frames } = shelf(64 * 1024 * 1024);
    for (const path of ["1", "2", "3", "1", "4"]) {
      await frames.get(path);
    }
    await frames.get("1");
    await frames.get("2");
    expect(asked).toEqual(["1", "2", "3", "4", "2"]);
  });
});
