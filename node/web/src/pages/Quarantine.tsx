/** Quarantine: why each image stands here, the picture as it was received, and the two decisions about it. */
import { useState } from "preact/hooks";

import { send } from "../api/client";
import type { Quarantine as Held, Quarantined } from "../model/types";
import { language } from "../state/session";
import { say, t } from "../texts";
import { moment, sentence, Table, Trouble, useLoaded } from "./loading";
import { DeleteForm, ReleaseForm } from "./QuarantineForms";
import { ImageVerdicts } from "./ImageVerdicts";
import { PolicyInWords } from "./PolicyInWords";
import { ReceivedPicture } from "./ReceivedPicture";

export function Quarantine() {
  const { value, error, again } = useLoaded<Held>("/api/quarantine");
  const [chosen, setChosen] = useState<string | null>(null);
  const [done, setDone] = useState("");
  const decided = async (words: string) => {
    await again();
    setChosen(null);
    setDone(words);
  };
  const toggle = (held: Quarantined) => {
    setDone("");
    setChosen(held.image_id === chosen ? null : held.image_id);
  };
  const open = value?.images.find((held) => held.image_id === chosen);
  return (
    <section>
      <h1>{t("page.quarantine")}</h1>
      <Trouble text={error} />
      {done !== "" && <p role="status">{done}</p>}
      {value?.images.length === 0 && <p>{t("quarantine.none")}</p>}
      {value !== null && value.images.length > 0 && (
        <>
          <p class="hint">{t("quarantine.about")}</p>
          {open !== undefined && <Review key={open.image_id} held={open} decided={decided} />}
          <HeldTable images={value.images} chosen={chosen} toggle={toggle} />
        </>
      )}
      <ImageVerdicts key={done} />
      <PolicyInWords />
    </section>
  );
}

interface HeldTableProps {
  readonly images: readonly Quarantined[];
  readonly chosen: string | null;
  readonly toggle: (held: Quarantined) => void;
}

function HeldTable({ images, chosen, toggle }: HeldTableProps) {
  return (
    <Table head={[t("quarantine.image"), t("quarantine.reason"), t("quarantine.when"), t("quarantine.open")]}>
      {images.map((held) => (
        <tr key={held.image_id}>
          <td class="code">{short(held)}</td>
          <td>{say(held.text, language.value)}</td>
          <td>{moment(held.at)}</td>
          <td>
            <button type="button" aria-expanded={held.image_id === chosen} onClick={() => { toggle(held); }}>
              {t(held.image_id === chosen ? "quarantine.close" : "quarantine.open")}
            </button>
          </td>
        </tr>
      ))}
    </Table>
  );
}

interface ReviewProps {
  readonly held: Quarantined;
  readonly decided: (words: string) => Promise<void>;
}

function Review({ held, decided }: ReviewProps) {
  const [trouble, setTrouble] = useState("");
  const path = `/api/quarantine/${held.image_id}`;
  const act = async (what: "release" | "deletion", body: unknown) => {
    try {
      await send("POST", `${path}/${what}`, body);
      await decided(t(what === "release" ? "quarantine.released" : "quarantine.deleted", { image: short(held) }));
    } catch (refusal) {
      setTrouble(sentence(refusal));
    }
  };
  return (
    <article class="card" aria-label={t("quarantine.image")}>
      <h2 class="code">{short(held)}</h2>
      <p class="warning">{say(held.text, language.value)}</p>
      <ReceivedPicture path={path} />
      <Trouble text={trouble} />
      <div class="decisions">
        <ReleaseForm held={held} release={(reason) => act("release", { overrules: held.reason, reason })} />
        <DeleteForm remove={(reason) => act("deletion", { reason })} />
      </div>
    </article>
  );
}

function short(held: Quarantined): string {
  return held.image_id.slice(0, 8);
}
