/** Something above the page that has every key to itself until it is closed: by its buttons, by Esc, or when the session ends. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { expired } from "../../state/session";

interface DialogProps {
  readonly title: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

export function Dialog({ title, close, children }: DialogProps) {
  const place = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = place.current;
    element?.showModal();
    element?.focus(); // and no button of it: Enter held down a moment too long would press that
    return () => { element?.close(); };
  }, []);
  const ended = expired.value;
  useEffect(() => {
    if (ended) {
      close(); // to sign in again stands behind it
    }
  }, [ended, close]);
  return (
    <dialog
      ref={place}
      class="dialog"
      tabIndex={-1}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}

/** True while one is open: nothing behind it is meant by a key. */
export function isDialogOpen(): boolean {
  return document.querySelector("dialog[open]") !== null;
}
