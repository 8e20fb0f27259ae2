/** After the mouse a button or a slider has no keys of its own: they mean again what they mean on the page. Whoever came by Tab stays. */
import type { TargetedEvent } from "preact";

export function letGo({ currentTarget }: TargetedEvent<HTMLElement>): void {
  const active = document.activeElement;
  const pressed = active instanceof HTMLElement && active.matches("button, input[type=range]") && !active.matches(":focus-visible");
  if (pressed && currentTarget.contains(active) && active.closest("dialog") === null) {
    active.blur();
  }
}
