/** What the values inside a mark come to, as the node computes them: the page computes none that count. */
import { useEffect, useRef, useState } from "preact/hooks";

import { send } from "../../api/client";
import { submitted } from "../../model/answers";
import type { DrawnMark } from "../../model/draft";
import type { Region } from "../../model/types";
import { assignment } from "../../state/reading";
import { language } from "../../state/session";
import { t } from "../../texts";
import { sentence } from "../loading";

const INSIDE: ReadonlySet<string> = new Set(["box", "ellipse", "polygon", "contour", "mask"]);

export function RegionValues({ mark }: { readonly mark: DrawnMark }) {
  const [said, setSaid] = useState("");
  const shape = useRef(mark.shape);
  shape.current = mark.shape;
  useEffect(() => { setSaid(""); }, [mark.shape]);
  if (!INSIDE.has(mark.shape.shape)) {
    return null;
  }
  const ask = () => {
    const saying = (words: string) => { setSaid((before) => (shape.current === mark.shape ? words : before)); };
    region(mark).then((found) => { saying(inWords(found)); }, (refusal: unknown) => { saying(sentence(refusal)); });
  };
  return said === "" ? (
    <button type="button" class="quiet" onClick={ask}>{t("region.ask")}</button>
  ) : (
    <p class="soft" role="status" data-region>{said}</p>
  );
}

async function region({ image_id, frame, shape }: DrawnMark): Promise<Region> {
  const of = assignment.value?.assignment_id ?? "";
  return (await send("POST", `/api/assignments/${of}/images/${image_id}/frames/${frame}/statistics`, { shape: submitted(shape) })) as Region;
}

function inWords({ pixels, mean, deviation, least, most, unit }: Region): string {
  const number = new Intl.NumberFormat(language.value, { maximumFractionDigits: 1 });
  if (mean === null || deviation === null || least === null || most === null) {
    return t("region.none", { pixels: number.format(pixels) });
  }
  const [first, second, low, high] = [mean, deviation, least, most].map((value) => number.format(value));
  return t("region.values", { mean: first ?? "", deviation: second ?? "", least: low ?? "", most: high ?? "", unit, pixels: number.format(pixels) });
}
