/** An agreement figure drawn with its interval, and the same in figures. */
import type { Figure } from "../../model/interval";
import { barOf, placeOf } from "../../model/interval";
import { language } from "../../state/session";
import { t } from "../../texts";

const WIDTH = 160;
const HEIGHT = 20;
const MIDDLE = HEIGHT / 2;

export function IntervalBar({ figure }: { readonly figure: Figure }) {
  const bar = barOf(figure, WIDTH);
  if (bar === null) {
    return null;
  }
  return (
    <svg class="interval" width={WIDTH} height={HEIGHT} role="img" aria-label={intervalInWords(figure)}>
      <line class="axis" x1={0} x2={WIDTH} y1={MIDDLE} y2={MIDDLE} />
      <line class="axis" x1={placeOf(0, WIDTH)} x2={placeOf(0, WIDTH)} y1={2} y2={HEIGHT - 2} />
      <line class="range" x1={bar.from} x2={bar.to} y1={MIDDLE} y2={MIDDLE} />
      <circle class="point" cx={bar.at} cy={MIDDLE} r={5} />
    </svg>
  );
}

export function intervalInWords({ alpha, low, high }: Figure): string {
  if (alpha === null) {
    return t("agreement.no-figure");
  }
  return low === null || high === null ? two(alpha) : `${two(alpha)} (${two(low)} – ${two(high)})`;
}

/** A share or an agreement figure with two places. */
export function two(figure: number): string {
  return new Intl.NumberFormat(language.value, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(figure);
}
