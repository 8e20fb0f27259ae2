/** The three planes of a volume with the lines where they cross, side letters, rulers and the place of each slice. */
import { useLayoutEffect, useRef } from "preact/hooks";

import { sentence } from "../pages/loading";
import { language } from "../state/session";
import { t } from "../texts";
import { rulerFor } from "../tools/measure";
import { down, drop, move, press, turn } from "./pointing";
import type { Elements } from "./planes";
import type { Shown } from "./state";
import { arrived, changed, place, stand, trouble, views } from "./state";
import type { View } from "./views";
import { linesOf, SIDES, sliceAt, VIEWS } from "./views";

const RULER_SHARE = 0.3;

export function VolumeRoom({ volume }: { readonly volume: Shown }) {
  const elements = useRef<Partial<Record<View, HTMLDivElement>>>({});
  useLayoutEffect(() => stand(volume, elements.current as Elements), [volume]);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => { changed((planes) => { planes.resize(); }); });
    Object.values(elements.current).forEach((element) => { observer.observe(element); });
    return () => { observer.disconnect(); };
  }, [volume]);
  const total = volume.outline.images.length;
  const ready = views.value !== null && arrived.value >= total;
  return (
    <div class="volume-room" data-state={ready ? "ready" : "loading"}>
      {VIEWS.map((view) => (
        <ViewPlace key={view} view={view} take={(element) => { elements.current[view] = element; }} />
      ))}
      {trouble.value !== null && <p class="film-state trouble" role="alert">{sentence(trouble.value)}</p>}
      {!ready && trouble.value === null && <p class="film-state" role="status">{t("volume.loading", { count: arrived.value, total })}</p>}
    </div>
  );
}

interface PlaceProps {
  readonly view: View;
  readonly take: (element: HTMLDivElement) => void;
}

function ViewPlace({ view, take }: PlaceProps) {
  const section = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const element = section.current;
    const wheel = (event: WheelEvent) => { turn(view, event); };
    element?.addEventListener("wheel", wheel, { passive: false });
    return () => { element?.removeEventListener("wheel", wheel); };
  }, [view]);
  const [left, top, right, bottom] = SIDES[view].letters;
  return (
    <section
      ref={section}
      class="volume-view"
      data-view={view}
      aria-label={t(`volume.${view}`)}
      tabIndex={0}
      onKeyDown={(event) => { press(view, event); }}
      onPointerDown={(event) => { down(view, event); }}
      onPointerMove={(event) => { move(view, event); }}
      onPointerUp={drop}
      onPointerCancel={drop}
      onContextMenu={(event) => { event.preventDefault(); }}
    >
      <div class="volume-picture" ref={(element) => { if (element !== null) { take(element); } }} />
      <Lines view={view} />
      <span class="side left">{left}</span>
      <span class="side top">{top}</span>
      <span class="side right">{right}</span>
      <span class="side bottom">{bottom}</span>
      <p class={`volume-name of-${view}`}>{t(`volume.${view}`)} · {slice(view)}</p>
      <Ruler view={view} />
    </section>
  );
}

function slice(view: View): string {
  const [side, far] = sliceAt(place.value, view);
  const mm = new Intl.NumberFormat(language.value, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(far);
  return t("volume.slice", { side, mm });
}

/** Where the two other planes are seen in this one, each in its own colour. */
function Lines({ view }: { readonly view: View }) {
  const planes = views.value?.planes;
  if (planes === undefined) {
    return null;
  }
  const [x, y] = planes.seen(view, place.value);
  const [upright, level] = linesOf(view);
  return (
    <svg class="marks" aria-hidden="true">
      <line class={`volume-line of-${upright}`} x1={x} x2={x} y1="0" y2="100%" />
      <line class={`volume-line of-${level}`} x1="0" x2="100%" y1={y} y2={y} />
    </svg>
  );
}

function Ruler({ view }: { readonly view: View }) {
  const planes = views.value?.planes;
  const line = useRef<HTMLParagraphElement>(null);
  const width = line.current?.parentElement?.clientWidth ?? 0;
  const ruler = planes === undefined ? null : rulerFor([1, 1], planes.scale(view), Math.max(40, width * RULER_SHARE));
  const length = ruler === null ? "" : new Intl.NumberFormat(language.value).format(ruler.mm);
  return (
    <p class="ruler" ref={line}>
      {ruler !== null && (
        <svg width={Math.ceil(ruler.pixels) + 2} height={8} aria-hidden="true">
          <path d={`M1 0V7H${(ruler.pixels + 1).toFixed(2)}V0`} />
        </svg>
      )}
      {ruler !== null && t("view.ruler", { length })}
    </p>
  );
}
