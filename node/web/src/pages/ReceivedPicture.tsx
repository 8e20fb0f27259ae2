/** One frame of an image as it was received. Nothing is asked of the node before a person presses the button. */
import { useEffect, useState } from "preact/hooks";

import type { Picture } from "../api/client";
import { picture } from "../api/client";
import { t } from "../texts";
import { sentence, Trouble } from "./loading";

export function ReceivedPicture({ path }: { readonly path: string }) {
  const [number, setNumber] = useState(1);
  const [shown, setShown] = useState<Picture | null>(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => () => { if (shown !== null) URL.revokeObjectURL(shown.url); }, [shown]);
  const show = async (frame: number) => {
    try {
      setShown(await picture(`${path}/frames/${frame}/preview.png`));
      setNumber(frame);
      setTrouble("");
    } catch (refusal) {
      setTrouble(sentence(refusal));
    }
  };
  if (shown === null) {
    return (
      <>
        <p class="hint">{t("quarantine.show-hint")}</p>
        <button type="button" onClick={() => void show(1)}>
          {t("quarantine.show")}
        </button>
        <Trouble text={trouble} />
      </>
    );
  }
  return (
    <>
      <div class="received">
        <img src={shown.url} alt={t("quarantine.picture", { number })} />
      </div>
      <div class="actions">
        <button type="button" disabled={number <= 1} onClick={() => void show(number - 1)}>
          {t("quarantine.earlier")}
        </button>
        <span>{t("quarantine.frame", { number, frames: shown.frames })}</span>
        <button type="button" disabled={number >= shown.frames} onClick={() => void show(number + 1)}>
          {t("quarantine.later")}
        </button>
      </div>
      <Trouble text={trouble} />
    </>
  );
}
