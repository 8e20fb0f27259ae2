/** Four words heard on the telephone, typed; one that can be none is told while it can still be asked for again. */
import { useId, useState } from "preact/hooks";

import { heardOf } from "../../model/peers";
import { t } from "../../texts";

interface HeardFieldProps {
  readonly label: string;
  readonly change: (said: string, complete: boolean) => void;
}

export function HeardField({ label, change }: HeardFieldProps) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const { wrong } = heardOf(typed);
  const type = (text: string) => {
    const { said, complete } = heardOf(text);
    setTyped(text);
    change(said, complete);
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input id={id} class="words" lang="en" value={typed} maxLength={60} autocomplete="off" autocapitalize="none" spellcheck={false}
        aria-describedby={`${id}-words`} aria-invalid={wrong !== ""} onInput={(event) => { type(event.currentTarget.value); }} />
      <p id={`${id}-words`} class={wrong === "" ? "hint" : "fault"} role={wrong === "" ? undefined : "alert"}>
        {wrong === "" ? t("peers.words-hint") : t("peers.no-word", { word: wrong })}
      </p>
    </div>
  );
}
