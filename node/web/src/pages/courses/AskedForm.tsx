/** A question with its answers, and the pictures it is about. */
import { useState } from "preact/hooks";

import type { Asked, ExamQuestion } from "../../model/courses";
import { language } from "../../state/session";
import { say, t } from "../../texts";

interface AskedProps {
  readonly asked: Asked;
  readonly chosen: string | null;
  readonly choose: (code: string) => void;
  readonly closed?: boolean;
  readonly right?: string;
}

export function AskedForm({ asked, chosen, choose, closed = false, right }: AskedProps) {
  return (
    <fieldset disabled={closed}>
      <legend>{say(asked.text, language.value)}</legend>
      {asked.options.map((option) => (
        <button key={option.code} type="button" class="choice" aria-pressed={option.code === chosen}
          onClick={() => { choose(option.code); }}>
          {say(option.text, language.value)}
          {option.code === right && <strong class="right"> {t("courses.this-is-right")}</strong>}
        </button>
      ))}
    </fieldset>
  );
}

interface PicturesProps {
  readonly showing: string;
  readonly images: ExamQuestion["images"];
}

export function Pictures({ showing, images }: PicturesProps) {
  const [place, setPlace] = useState(0);
  const [number, setNumber] = useState(1);
  const image = images[place];
  if (image === undefined) {
    return null;
  }
  const show = (at: number, frame: number) => {
    setPlace(at);
    setNumber(frame);
  };
  return (
    <div class="received">
      <img src={`/api/showings/${showing}/images/${image.image_id}/frames/${number}/preview.png`}
        alt={t("courses.picture", { place: place + 1, all: images.length })} />
      {(images.length > 1 || image.frames > 1) && (
        <p class="frames">
          <button type="button" disabled={place === 0} onClick={() => { show(place - 1, 1); }}>{t("courses.earlier-picture")}</button>
          <button type="button" disabled={place + 1 === images.length} onClick={() => { show(place + 1, 1); }}>{t("courses.later-picture")}</button>
          {image.frames > 1 && (
            <input type="range" min={1} max={image.frames} value={number} aria-label={t("courses.frame")}
              onInput={(event) => { setNumber(Number(event.currentTarget.value)); }} />
          )}
        </p>
      )}
    </div>
  );
}
