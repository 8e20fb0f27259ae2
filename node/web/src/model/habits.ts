/** How a person likes to work: what the buttons of the mouse do and which keys mean what. Nothing in it is about a case. */
import type { Bindings, Command } from "./keys";
import { isFree, USUAL_KEYS } from "./keys";

export const DRAGS = ["window", "pan", "zoom", "pages"] as const;
/** What dragging does. */
export type Drag = (typeof DRAGS)[number];

export const BUTTONS = ["left", "middle", "right"] as const;
export type Mouse = Readonly<Record<(typeof BUTTONS)[number], Drag>>;

export interface Habits {
  readonly mouse: Mouse;
  readonly keys: Bindings;
}

export const PRESETS = ["form", "workstation", "web-viewer"] as const;
export type Preset = (typeof PRESETS)[number];

/** Arrows leaf through the images as on a workstation, and questions are a key further out. */
const LEAFING: Bindings = {
  ...USUAL_KEYS,
  "next-frame": ["ArrowDown", "ArrowRight"],
  "previous-frame": ["ArrowUp", "ArrowLeft"],
  "next-question": ["PageDown"],
  "previous-question": ["PageUp"],
};

/** Known ways to work: for the form first; a PACS workstation, where dragging leafs; a viewer of the web, where it pans. */
export const HABITS: Readonly<Record<Preset, Habits>> = {
  form: { mouse: { left: "window", middle: "pan", right: "zoom" }, keys: USUAL_KEYS },
  workstation: { mouse: { left: "pages", middle: "pan", right: "window" }, keys: LEAFING },
  "web-viewer": { mouse: { left: "pan", middle: "window", right: "zoom" }, keys: LEAFING },
};

/** The habits with another key for a command; whoever had the key goes without. None where the key means an answer or a tool. */
export function rebound(habits: Habits, command: Command, key: string): Habits | null {
  if (!isFree(key)) {
    return null;
  }
  const left = Object.entries(habits.keys).map(([name, keys]) => [name, keys.filter((one) => one !== key)] as const);
  return { ...habits, keys: { ...habits.keys, ...Object.fromEntries(left), [command]: [key] } };
}

/** The habits of an earlier page or of nobody's making: only what this page knows, the rest as usual. */
export function habitsFrom(said: unknown): Habits {
  const usual = HABITS.form;
  const { mouse = {}, keys = {} } = (typeof said === "object" && said !== null ? said : {}) as Partial<Habits>;
  const known = Object.entries(mouse).filter(([button, drag]) => button in usual.mouse && (DRAGS as readonly unknown[]).includes(drag));
  const bound = Object.entries(keys).filter(([command, names]) => command in usual.keys && areFree(names));
  return { mouse: { ...usual.mouse, ...Object.fromEntries(known) }, keys: { ...usual.keys, ...Object.fromEntries(bound) } };
}

function areFree(names: unknown): boolean {
  return Array.isArray(names) && names.every((name: unknown): boolean => typeof name === "string" && isFree(name));
}

/** The preset these habits are, if they are one. */
export function presetOf(habits: Habits): Preset | null {
  const same = (one: Habits) => JSON.stringify([inOrder(one.mouse), inOrder(one.keys)]);
  return PRESETS.find((name) => same(HABITS[name]) === same(habits)) ?? null;
}

function inOrder(object: object): readonly unknown[] {
  return Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1));
}
