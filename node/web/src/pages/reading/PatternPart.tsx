/** The pattern: can this screen, in this light, show the darkest and the brightest step apart? The person says. */
import { useLayoutEffect, useRef } from "preact/hooks";

import type { Steps } from "../../state/greyscale";
import { isWrong, steps, worst } from "../../state/greyscale";
import { language } from "../../state/session";
import { t } from "../../texts";
import { Dialog } from "./Dialog";

const [WIDTH, HEIGHT] = [480, 240];
const GREYS = 18;
/** Black with a square of 5 %, white with one of 95 %. Source: SMPTE RP 133-1991. */
const CORNERS = [[0, 0, 13], [WIDTH / 2, 255, 242]] as const;

export function PatternPart({ close }: { readonly close: () => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context != null) {
      draw(context);
    }
  }, []);
  const say = (said: Steps) => () => {
    steps.value = said;
    close();
  };
  return (
    <Dialog title={t("pattern.title")} close={close}>
      <p>{t("pattern.about")}</p>
      <canvas ref={canvas} class="pattern" role="img" aria-label={t("pattern.picture")} width={WIDTH} height={HEIGHT} />
      <p class="hint">{found()}</p>
      <div class="actions">
        <button type="button" class="main" onClick={say("seen")}>{t("pattern.seen")}</button>
        <button type="button" onClick={say("not-seen")}>{t("pattern.not-seen")}</button>
        <button type="button" class="quiet" onClick={close}>{t("pattern.later")}</button>
      </div>
    </Dialog>
  );
}

/** What the page's own comparison with the node came to. */
function found(): string {
  if (worst.value === null) {
    return t("pattern.not-run");
  }
  const difference = new Intl.NumberFormat(language.value, { maximumFractionDigits: 2 }).format(worst.value);
  return t(isWrong.value ? "pattern.failed" : "pattern.passed", { difference });
}

function draw(context: CanvasRenderingContext2D): void {
  const width = WIDTH / GREYS;
  for (let step = 0; step < GREYS; step += 1) {
    fill(context, Math.round((255 * step) / (GREYS - 1)), [step * width, 0, width + 1, HEIGHT / 2]);
  }
  for (const [left, around, inside] of CORNERS) {
    fill(context, around, [left, HEIGHT / 2, WIDTH / 2, HEIGHT / 2]);
    fill(context, inside, [left + WIDTH / 4 - 30, (3 * HEIGHT) / 4 - 30, 60, 60]);
  }
}

function fill(context: CanvasRenderingContext2D, grey: number, place: readonly [number, number, number, number]): void {
  context.fillStyle = `rgb(${grey} ${grey} ${grey})`;
  context.fillRect(...place);
}
