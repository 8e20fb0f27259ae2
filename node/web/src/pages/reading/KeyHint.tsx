/** The key of a command, as the person has it. */
import type { Command } from "../../model/keys";
import { keyWords } from "../../model/keyWords";
import { habits } from "../../state/habits";

export function KeyHint({ command }: { readonly command: Command }) {
  const [first] = habits.value.keys[command];
  return first === undefined ? null : <kbd>{keyWords(first)}</kbd>;
}

/** The same for a button's title; "" where there is none. */
export function keyTitle(command: Command): string {
  const [first] = habits.value.keys[command];
  return first === undefined ? "" : keyWords(first);
}
