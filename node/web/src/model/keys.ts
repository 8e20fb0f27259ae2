/** What a key means. A key never acts while Hangul is being composed, and inside a text field only what no text needs. */
import type { ShapeKind } from "./types";

export type Command =
  | "undo"
  | "redo"
  | "go-on"
  | "next-question"
  | "previous-question"
  | "next-frame"
  | "previous-frame"
  | "next-mark"
  | "delete"
  | "cancel"
  | "zoom-in"
  | "zoom-out"
  | "fit"
  | "invert"
  | "rotate";

export type Pressed =
  | { readonly kind: "choice"; readonly index: number }
  | { readonly kind: "confidence"; readonly index: number }
  | { readonly kind: "tool"; readonly shape: ShapeKind }
  | { readonly kind: "command"; readonly command: Command };

/** What of a keyboard event counts here. */
export interface Key {
  readonly key: string;
  readonly code: string;
  readonly keyCode: number;
  readonly isComposing: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** Where the key was pressed. */
export type Where = "page" | "button" | "line" | "text";

export const CHOICE_KEYS = Array.from("1234567890qwertyuiopasdfghjklzxcvbnm");

export const TOOL_KEYS: Readonly<Partial<Record<ShapeKind, string>>> = {
  box: "B",
  polygon: "P",
  contour: "C",
  ellipse: "E",
  length: "L",
  angle: "A",
  keypoint: "K",
};

const COMMANDS: Readonly<Record<string, Command>> = {
  Enter: "go-on",
  NumpadEnter: "go-on",
  ArrowDown: "next-question",
  ArrowUp: "previous-question",
  PageDown: "next-frame",
  PageUp: "previous-frame",
  Delete: "delete",
  Backspace: "delete",
  Escape: "cancel",
  NumpadAdd: "zoom-in",
  NumpadSubtract: "zoom-out",
  Equal: "zoom-in",
  Minus: "zoom-out",
};
const SHIFTED: Readonly<Record<string, Command>> = {
  KeyI: "invert",
  KeyR: "rotate",
  KeyF: "fit",
  KeyM: "next-mark",
  Equal: "zoom-in",
};

/** What leaves a field: a line of one row has no use for arrows up and down, nor for Enter. */
const IN_FIELDS = { line: ["Enter", "NumpadEnter", "ArrowDown", "ArrowUp", "Escape"], text: ["Escape"] };

export function meaningOf(key: Key, where: Where): Pressed | null {
  if (key.isComposing || key.keyCode === 229 || key.key === "Process" || key.altKey) {
    return null;
  }
  if (key.ctrlKey || key.metaKey) {
    return withControl(key);
  }
  if (where === "text" || where === "line") {
    const command = IN_FIELDS[where].includes(key.code) ? COMMANDS[key.code] : undefined;
    return command === undefined ? null : { kind: "command", command };
  }
  if (where === "button" && (key.code === "Enter" || key.code === "NumpadEnter" || key.code === "Space")) {
    return null;
  }
  return key.shiftKey ? withShift(key) : plain(key);
}

function withControl({ code, shiftKey }: Key): Pressed | null {
  if (code === "Enter") {
    return { kind: "command", command: "go-on" };
  }
  if (code === "KeyZ") {
    return { kind: "command", command: shiftKey ? "redo" : "undo" };
  }
  return code === "KeyY" ? { kind: "command", command: "redo" } : null;
}

function withShift({ code }: Key): Pressed | null {
  const digit = /^Digit([1-9])$/.exec(code)?.[1];
  if (digit !== undefined) {
    return { kind: "confidence", index: Number(digit) - 1 };
  }
  const tool = Object.entries(TOOL_KEYS).find(([, letter]) => code === `Key${letter}`)?.[0];
  if (tool !== undefined) {
    return { kind: "tool", shape: tool as ShapeKind };
  }
  const command = SHIFTED[code];
  return command === undefined ? null : { kind: "command", command };
}

function plain({ code }: Key): Pressed | null {
  const command = COMMANDS[code];
  if (command !== undefined) {
    return { kind: "command", command };
  }
  const letter = /^(?:Digit|Numpad|Key)([0-9A-Z])$/.exec(code)?.[1];
  const index = letter === undefined ? -1 : CHOICE_KEYS.indexOf(letter.toLowerCase());
  return index < 0 ? null : { kind: "choice", index };
}
