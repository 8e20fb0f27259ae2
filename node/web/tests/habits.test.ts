import { describe, expect, it } from "vitest";

import { HABITS, habitsFrom, PRESETS, presetOf, rebound } from "../src/model/habits";
import type { Command, Key } from "../src/model/keys";
import { isFree, meaningOf, USUAL_KEYS } from "../src/model/keys";
import { keyWords } from "../src/model/keyWords";
import { pinched } from "../src/viewer/pinch";
import { inSpace, sliceMm } from "../src/viewer/slice";
import { cssMatrix, fitted, panned, toImage, toRoom, zoomed } from "../src/viewer/transform";
import { image } from "./schema";

const PLANE = { spacing_mm: null, spacing_at: null, right: "", bottom: "", windows: [], slope: 1, intercept: 0 };

function key(code: string, more: Partial<Key> = {}): Key {
  return { key: code, code, keyCode: 0, isComposing: false, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more };
}

describe("known ways to work", () => {
  it("give no key two meanings, and none that means an answer or a tool", () => {
    for (const preset of PRESETS) {
      const names = Object.values(HABITS[preset].keys).flat();
      expect(new Set(names).size, preset).toBe(names.length);
      expect(names.filter((name) => !isFree(name)), preset).toEqual([]);
      expect(presetOf(HABITS[preset])).toBe(preset);
    }
  });

  it("know every command", () => {
    for (const preset of PRESETS) {
      expect(Object.keys(HABITS[preset].keys).sort()).toEqual(Object.keys(USUAL_KEYS).sort());
    }
  });
});

describe("a key of one's own", () => {
  it("does what it was bound to, and nothing else any more", () => {
    const own = rebound(HABITS.form, "invert", "PageDown");
    expect(own).not.toBeNull();
    expect(meaningOf(key("PageDown"), "page", own?.keys)).toEqual({ kind: "command", command: "invert" });
    expect(meaningOf(key("KeyI", { shiftKey: true }), "page", own?.keys)).toBeNull();
    expect(own?.keys["next-frame"]).toEqual([]);
    expect(own === null ? "" : presetOf(own)).toBeNull();
  });

  it("is none of those that answer, take a tool, say how sure one is or belong to the browser", () => {
    for (const taken of ["KeyA", "Digit1", "Numpad5", "Shift+KeyB", "Shift+Digit2", "Tab", "Shift+Tab", "Alt+KeyI", "", "Control+KeyS", "F5", "Shift+F5", "F11", "F12", "CapsLock", "Lang1"]) {
      expect(rebound(HABITS.form, "invert", taken), taken).toBeNull();
    }
    expect(rebound(HABITS.form, "invert", "F8")).not.toBeNull();
  });

  it("still means nothing while Hangul is composed, and a letter in a field", () => {
    const keys = rebound(HABITS.form, "go-on", "Comma")?.keys;
    expect(meaningOf(key("Comma", { isComposing: true }), "page", keys)).toBeNull();
    expect(meaningOf(key("Comma"), "text", keys)).toBeNull();
    expect(meaningOf(key("Comma"), "page", keys)).toEqual({ kind: "command", command: "go-on" });
    expect(meaningOf(key("ArrowDown"), "line", HABITS.workstation.keys)).toBeNull();
    expect(meaningOf(key("PageDown"), "line", HABITS.workstation.keys)).toEqual({ kind: "command", command: "next-question" });
  });

  it("is written as on the keyboard", () => {
    expect(["Shift+KeyI", "PageDown", "BracketLeft", "Numpad3", "F8"].map(keyWords)).toEqual(["⇧I", "PgDn", "[", "Num 3", "F8"]);
  });
});

describe("habits from the shelf", () => {
  it("come back as they were, and only what this page knows of them", () => {
    const own = rebound(HABITS["web-viewer"], "fit", "F2");
    expect(habitsFrom(JSON.parse(JSON.stringify(own)))).toEqual(own);
    expect(habitsFrom({ mouse: { left: "explode", right: "pan" }, keys: { fit: "F2", invert: ["KeyA"], fly: ["F3"] } })).toEqual({
      ...HABITS.form,
      mouse: { ...HABITS.form.mouse, right: "pan" },
    });
    expect(habitsFrom(null)).toEqual(HABITS.form);
    expect(Object.keys(habitsFrom({ keys: { fit: ["F2"] } }).keys).sort()).toEqual((Object.keys(USUAL_KEYS) as Command[]).sort());
  });
});

describe("two fingers", () => {
  it("zoom by how they part and move by where they go", () => {
    expect(pinched([[0, 0], [10, 0]], [[5, 5], [25, 5]])).toEqual({ factor: 2, at: [15, 5], across: 10, down: 5 });
    expect(pinched([[3, 3], [3, 3]], [[3, 3], [3, 3]]).factor).toBe(1);
  });
});

describe("pixels that are not square", () => {
  const room = { width: 400, height: 400 };

  it("are shown as tall as they are, under every turn, and found again", () => {
    for (const turns of [0, 1, 2, 3]) {
      const sight = panned(zoomed(fitted({ width: 100, height: 50 }, room, turns, 2), 1.5, [30, 70], room), 12, -7);
      expect(sight.stretch).toBe(2);
      for (const point of [[0, 0], [100, 50], [33, 12]] as const) {
        const back = toImage(toRoom(point, sight, room), sight, room);
        expect(back[0]).toBeCloseTo(point[0], 9);
        expect(back[1]).toBeCloseTo(point[1], 9);
      }
    }
    expect(fitted({ width: 100, height: 50 }, room, 0, 2).scale).toBe(4);
    expect(cssMatrix(fitted({ width: 100, height: 50 }, room, 0, 2), room)).toBe("matrix(4, 0, 0, 8, 0, 0)");
  });
});

describe("where a slice lies", () => {
  it("is its corner along the normal", () => {
    expect(sliceMm({ corner_mm: [-100, -100, 42.5], across: [1, 0, 0], down: [0, 1, 0] })).toBe(42.5);
    expect(sliceMm({ corner_mm: [7, -100, 42.5], across: [0, 1, 0], down: [0, 0, -1] })).toBe(-7);
    expect(sliceMm(null)).toBeNull();
  });

  it("orders a stack from head to feet, front to back, right to left, whichever way its rows run", () => {
    type Vector = [number, number, number];
    const order = (across: Vector, down: Vector, corners: readonly Vector[]) => {
      const images = corners.map((_, at) => image(`${at}`));
      const planes = new Map(corners.map((corner_mm, at) => [`${at}`, { ...PLANE, image_id: `${at}`, position: { corner_mm, across, down } }]));
      return inSpace(images, planes).map(({ image_id }) => image_id).join("");
    };
    const rising: Vector[] = [[2, 2, 2], [3, 3, 3], [1, 1, 1]];
    expect(order([1, 0, 0], [0, 1, 0], rising)).toBe("102");
    expect(order([-1, 0, 0], [0, 1, 0], rising)).toBe("102");
    expect(order([1, 0, 0], [0, 0, -1], rising)).toBe("201");
    expect(order([0, 1, 0], [0, 0, -1], rising)).toBe("201");
    expect(order([1, 0, 0], [0, 1, 0], [[0, 0, 2], [0, 0, 2], [0, 0, 1]])).toBe("012");
  });

  it("leaves a series as it came whose images are nowhere, and series in their order", () => {
    const images = [image("b", 2), image("a", 1), image("c", 2)];
    expect(inSpace(images, new Map()).map(({ image_id }) => image_id)).toEqual(["b", "c", "a"]);
  });
});
