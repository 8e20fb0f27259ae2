/** Keys as they are written on a keyboard. */

const SIGNS: Readonly<Record<string, string>> = {
  ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", PageDown: "PgDn", PageUp: "PgUp", Escape: "Esc", Delete: "Del",
  Equal: "+", NumpadAdd: "Num +", Minus: "−", NumpadSubtract: "Num −", BracketLeft: "[", BracketRight: "]", Space: "␣", Backspace: "⌫",
  Semicolon: ";", Quote: "'", Comma: ",", Period: ".", Slash: "/", Backslash: "\\", Backquote: "`", NumpadEnter: "Num Enter",
};

/** The words for a binding such as `Shift+KeyI`: ⇧I. */
export function keyWords(name: string): string {
  const shifted = name.startsWith("Shift+");
  const code = shifted ? name.slice("Shift+".length) : name;
  const sign = SIGNS[code] ?? code.replace(/^(Key|Digit)/, "").replace(/^Numpad/, "Num ");
  return shifted ? `⇧${sign}` : sign;
}
