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
  | "rotate"
  | "reset"
  | "cine"
  | "magnify"
  | "brush-larger"
  | "brush-smaller"
  | "brush-erase"
  | "brush-range";

/** The keys of every command, each by its place on the keyboard, e.g. `PageDown`, `Shift+KeyI`. */
export type Bindings = Readonly<Record<Command, readonly string[]>>;

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

/** What lies behind something else: nothing, the image behind the planes of a volume, the whole page behind a dialog. */
export type Behind = "nothing" | "image" | "page";

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
  mask: "S",
};

/** Undo and redo have the keys they have everywhere, which nobody can take from them. */
export const USUAL_KEYS: Bindings = {
  undo: [],
  redo: [],
  "go-on": ["Enter", "NumpadEnter"],
  "next-question": ["ArrowDown"],
  "previous-question": ["ArrowUp"],
  "next-frame": ["PageDown"],
  "previous-frame": ["PageUp"],
  "next-mark": ["Shift+KeyM"],
  delete: ["Delete", "Backspace"],
  cancel: ["Escape"],
  "zoom-in": ["Equal", "NumpadAdd", "Shift+Equal"],
  "zoom-out": ["Minus", "NumpadSubtract"],
  fit: ["Shift+KeyF"],
  invert: ["Shift+KeyI"],
  rotate: ["Shift+KeyR"],
  reset: ["Shift+KeyW"],
  cine: ["Space"],
  magnify: ["Shift+KeyG"],
  "brush-larger": ["BracketRight"],
  "brush-smaller": ["BracketLeft"],
  "brush-erase": ["Shift+KeyX"],
  "brush-range": ["Shift+KeyT"],
};

/** What leaves a field: a line of one row has no use for arrows up and down, nor for Enter. */
const IN_FIELDS = {
  line: ["Enter", "NumpadEnter", "ArrowDown", "ArrowUp", "PageDown", "PageUp", "Escape"],
  text: ["Escape"],
};
const OF_THE_FORM: readonly Command[] = ["undo", "redo", "go-on", "next-question", "previous-question", "cancel"];
const FROM_FIELDS: readonly Command[] = ["go-on", "next-question", "previous-question", "cancel"];

/** The name of a key as bindings have it. */
export function nameOf({ code, shiftKey }: Pick<Key, "code" | "shiftKey">): string {
  return shiftKey ? `Shift+${code}` : code;
}

/** Keys of the browser and the system: moving the focus, help, find, reload, full screen, the way letters are put in. */
const OF_OTHERS = /^(Tab|Shift|Control|Alt|Meta|F(1|3|5|6|7|10|11|12)$|CapsLock|NumLock|ScrollLock|Lang[1-5]|Convert|NonConvert|KanaMode|ContextMenu|PrintScreen)/;

/** True for a key that means no answer, no confidence, no tool, and is none that a browser needs. */
export function isFree(name: string): boolean {
  const [code = "", ...before] = name.split("+").reverse();
  const shifted = before.length === 1 && before[0] === "Shift";
  if ((before.length > 0 && !shifted) || !/^[A-Za-z0-9]{2,20}$/.test(code) || OF_OTHERS.test(code)) {
    return false;
  }
  const tool = Object.values(TOOL_KEYS).some((letter) => code === `Key${letter}`);
  return shifted ? !tool && !/^Digit[1-9]$/.test(code) : choiceOf(code) === null;
}

export function meaningOf(key: Key, where: Where, bindings: Bindings = USUAL_KEYS): Pressed | null {
  if (key.isComposing || key.keyCode === 229 || key.key === "Process" || key.altKey) {
    return null;
  }
  if (key.ctrlKey || key.metaKey) {
    return withControl(key);
  }
  const command = commandOf(key, bindings);
  if (where === "text" || where === "line") {
    const leaves = command !== null && FROM_FIELDS.includes(command) && IN_FIELDS[where].includes(key.code) && !key.shiftKey;
    return leaves ? { kind: "command", command } : null;
  }
  if (where === "button" && (key.code === "Enter" || key.code === "NumpadEnter" || key.code === "Space")) {
    return null;
  }
  if (command !== null) {
    return { kind: "command", command };
  }
  return key.shiftKey ? withShift(key) : plain(key);
}

/** True where what a key means is done to something that is seen: behind a volume to the form, behind a dialog to nothing. */
export function reaches(pressed: Pressed, behind: Behind): boolean {
  const ofTheForm = pressed.kind === "command" ? OF_THE_FORM.includes(pressed.command) : pressed.kind !== "tool";
  return behind === "nothing" || (behind === "image" && ofTheForm);
}

function commandOf(key: Key, bindings: Bindings): Command | null {
  const name = nameOf(key);
  return (Object.keys(bindings) as Command[]).find((command) => bindings[command].includes(name)) ?? null;
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
  return tool === undefined ? null : { kind: "tool", shape: tool as ShapeKind };
}

function plain({ code }: Key): Pressed | null {
  const index = choiceOf(code);
  return index === null ? null : { kind: "choice", index };
}

function choiceOf(code: string): number | null {
  const letter = /^(?:Digit|Numpad|Key)([0-9A-Z])$/.exec(code)?.[1];
  const index = letter === undefined ? -1 : CHOICE_KEYS.indexOf(letter.toLowerCase());
  return index < 0 ? null : index;
}
