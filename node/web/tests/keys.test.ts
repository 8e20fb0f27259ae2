import { describe, expect, it } from "vitest";

import type { Key, Where } from "../src/model/keys";
import { meaningOf, reaches } from "../src/model/keys";

function press(code: string, more: Partial<Key> = {}, where: Where = "page") {
  const key = { key: code, code, keyCode: 0, isComposing: false, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
  return meaningOf({ ...key, ...more }, where);
}

describe("a key", () => {
  it("means nothing while Hangul is composed, however the browser says it", () => {
    for (const composing of [{ isComposing: true }, { keyCode: 229 }, { key: "Process" }]) {
      expect(press("Digit1", composing)).toBeNull();
      expect(press("Enter", composing)).toBeNull();
      expect(press("KeyZ", { ...composing, ctrlKey: true })).toBeNull();
    }
  });

  it("chooses by its place on the keyboard, whatever letter the language gives it", () => {
    expect(press("Digit1")).toEqual({ kind: "choice", index: 0 });
    expect(press("Numpad0")).toEqual({ kind: "choice", index: 9 });
    expect(press("KeyQ", { key: "ㅂ" })).toEqual({ kind: "choice", index: 10 });
  });

  it("takes a step back or forward everywhere, in a field too", () => {
    for (const where of ["page", "button", "line", "text"] as const) {
      expect(press("KeyZ", { ctrlKey: true }, where)).toEqual({ kind: "command", command: "undo" });
      expect(press("KeyZ", { ctrlKey: true, shiftKey: true }, where)).toEqual({ kind: "command", command: "redo" });
      expect(press("KeyY", { metaKey: true }, where)).toEqual({ kind: "command", command: "redo" });
    }
  });

  it("is a letter in a field", () => {
    expect(press("Digit1", {}, "text")).toBeNull();
    expect(press("Backspace", {}, "line")).toBeNull();
    expect(press("Enter", {}, "text")).toBeNull();
    expect(press("Enter", {}, "line")).toEqual({ kind: "command", command: "go-on" });
    expect(press("Escape", {}, "text")).toEqual({ kind: "command", command: "cancel" });
  });

  it("presses the button it is on", () => {
    expect(press("Enter", {}, "button")).toBeNull();
    expect(press("Space", {}, "button")).toBeNull();
    expect(press("Digit2", {}, "button")).toEqual({ kind: "choice", index: 1 });
  });

  it("with Shift takes a tool, says how sure one is, or looks otherwise", () => {
    expect(press("KeyB", { shiftKey: true })).toEqual({ kind: "tool", shape: "box" });
    expect(press("Digit4", { shiftKey: true })).toEqual({ kind: "confidence", index: 3 });
    expect(press("KeyR", { shiftKey: true })).toEqual({ kind: "command", command: "rotate" });
    expect(press("KeyB", { altKey: true })).toBeNull();
  });
});

describe("what lies behind something else", () => {
  it("is not reached by a key: behind a volume the form is, behind a dialog nothing", () => {
    const form = ["Digit1", "Enter", "ArrowDown"].map((code) => press(code));
    const image = ["Delete", "Backspace", "PageDown", "Space", "BracketRight", "Equal"].map((code) => press(code));
    const others = [press("KeyB", { shiftKey: true }), press("KeyR", { shiftKey: true }), press("KeyM", { shiftKey: true })];
    const back = [press("KeyZ", { ctrlKey: true }), press("Digit2", { shiftKey: true })];
    for (const pressed of [...form, ...back, ...image, ...others]) {
      expect(pressed).not.toBeNull();
      if (pressed !== null) {
        expect(reaches(pressed, "nothing")).toBe(true);
        expect(reaches(pressed, "image")).toBe(form.includes(pressed) || back.includes(pressed));
        expect(reaches(pressed, "page")).toBe(false);
      }
    }
  });
});
