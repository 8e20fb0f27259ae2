/** Mouse and keys as the person likes them: a known way to work, or each button and each key by itself. */
import { useState } from "preact/hooks";

import type { Drag, Preset } from "../../model/habits";
import { BUTTONS, DRAGS, HABITS, PRESETS, presetOf, rebound } from "../../model/habits";
import type { Command } from "../../model/keys";
import { nameOf } from "../../model/keys";
import { keyWords } from "../../model/keyWords";
import { adopt, habits, kept } from "../../state/habits";
import { t } from "../../texts";
import { Dialog } from "./Dialog";

export function HabitsPart({ close }: { readonly close: () => void }) {
  return (
    <Dialog title={t("habits.title")} close={close}>
      <label>
        {t("habits.preset")}{" "}
        <select value={presetOf(habits.value) ?? ""} onChange={(event) => { choose(event.currentTarget.value); }}>
          {presetOf(habits.value) === null && <option value="">{t("habits.own")}</option>}
          {PRESETS.map((name) => <option key={name} value={name}>{t(`habits.${name}`)}</option>)}
        </select>
      </label>
      <Mouse />
      <Keys />
      <p class="hint">{t(kept.value ? "habits.kept" : "habits.not-kept")}</p>
      <button type="button" class="main" onClick={close}>{t("habits.close")}</button>
    </Dialog>
  );
}

function choose(name: string): void {
  if ((PRESETS as readonly string[]).includes(name)) {
    void adopt(HABITS[name as Preset]);
  }
}

function Mouse() {
  const { mouse } = habits.value;
  return (
    <fieldset>
      <legend>{t("habits.mouse")}</legend>
      {BUTTONS.map((button) => (
        <label key={button}>
          {t(`habits.${button}`)}{" "}
          <select
            value={mouse[button]}
            onChange={(event) => void adopt({ ...habits.value, mouse: { ...mouse, [button]: event.currentTarget.value as Drag } })}
          >
            {DRAGS.map((drag) => <option key={drag} value={drag}>{t(`drag.${drag}`)}</option>)}
          </select>
        </label>
      ))}
    </fieldset>
  );
}

function Keys() {
  const [asking, setAsking] = useState<Command | null>(null);
  const [refused, setRefused] = useState(false);
  const commands = (Object.keys(habits.value.keys) as Command[]).filter((name) => name !== "undo" && name !== "redo");
  const press = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (asking === null || event.isComposing || event.key === "Tab" || /^(Shift|Control|Alt|Meta)/.test(event.code)) {
      return;
    }
    event.preventDefault();
    if (event.code === "Escape" && asking !== "cancel") {
      setAsking(null);
      setRefused(false);
      return;
    }
    const next = event.ctrlKey || event.metaKey || event.altKey ? null : rebound(habits.value, asking, nameOf(event));
    setRefused(next === null);
    if (next !== null) {
      setAsking(null);
      void adopt(next);
    }
  };
  return (
    <fieldset onKeyDown={press}>
      <legend>{t("habits.keys")}</legend>
      {refused && <p class="fault" role="alert">{t("habits.taken")}</p>}
      <dl class="bindings">
        {commands.map((command) => (
          <BindingRow key={command} command={command} asking={asking === command} ask={() => { setRefused(false); setAsking(command); }} />
        ))}
      </dl>
    </fieldset>
  );
}

interface RowProps {
  readonly command: Command;
  readonly asking: boolean;
  readonly ask: () => void;
}

function BindingRow({ command, asking, ask }: RowProps) {
  const keys = habits.value.keys[command];
  return (
    <>
      <dt>{t(`command.${command}` as "command.fit")}</dt>
      <dd>
        <button type="button" class="quiet" aria-label={t("habits.change", { what: t(`command.${command}` as "command.fit") })} onClick={ask}>
          {asking ? t("habits.press") : keys.length === 0 ? t("habits.none") : keys.map(keyWords).join(" · ")}
        </button>
      </dd>
    </>
  );
}
