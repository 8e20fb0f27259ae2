/**
 * Cornerstone3D draws the three views of a volume; with `slices` the only place that knows it, loaded when a volume is
 * first opened. One WebGL context serves all views, so that the volume is once in the memory of the graphics card.
 */
import type { Types } from "@cornerstonejs/core";
import { cache, Enums, imageLoadPoolManager, init, RenderingEngine, setVolumesForViewports, volumeLoader } from "@cornerstonejs/core";

import type { Point } from "../viewer/transform";
import type { GreyWindow } from "../viewer/window";
import { minus, plus } from "./outline";
import type { Outline, Vector } from "./outline";
import type { Source } from "./slices";
import { forgotten, made } from "./slices";
import type { View } from "./views";
import { SIDES, VIEWS } from "./views";

const ENGINE = "volume";
const AT_A_TIME = 6;

export type Elements = Readonly<Record<View, HTMLDivElement>>;

export class Planes {
  #inverted = false;

  private constructor(
    private readonly engine: RenderingEngine,
    private readonly volume: Types.IStreamingImageVolume,
    readonly outline: Outline,
  ) {}

  /** The three views stand in their elements and are drawn as slices come. */
  static async open(source: Source, elements: Elements): Promise<Planes> {
    init({ rendering: { webGlContextCount: 1 } } as Parameters<typeof init>[0]);
    imageLoadPoolManager.setMaxSimultaneousRequests(Enums.RequestType.Prefetch, AT_A_TIME);
    const engine = new RenderingEngine(ENGINE);
    try {
      return await Planes.#stood(engine, source, elements);
    } catch (reason) {
      ended(engine);
      throw reason;
    }
  }

  static async #stood(engine: RenderingEngine, source: Source, elements: Elements): Promise<Planes> {
    engine.setViewports(VIEWS.map((view) => ({
      viewportId: view,
      type: Enums.ViewportType.ORTHOGRAPHIC,
      element: elements[view],
      defaultOptions: { orientation: Enums.OrientationAxis[view.toUpperCase() as Uppercase<View>], background: [0, 0, 0] as Types.Point3 },
    })));
    const volumeId = `${ENGINE}:${source.outline.images[0] ?? ""}`;
    const volume = (await volumeLoader.createAndCacheVolume(volumeId, { imageIds: made(source) })) as Types.IStreamingImageVolume;
    await setVolumesForViewports(engine, [{ volumeId }], [...VIEWS]);
    const planes = new Planes(engine, volume, source.outline);
    planes.show(source.window, false);
    volume.load();
    return planes;
  }

  /** All views pass through the place. */
  pass(place: Vector): void {
    for (const view of VIEWS) {
      this.viewport(view).jumpToWorld([...place]);
    }
    this.engine.render();
  }

  /** Stored values from low to high are black to white, or the other way round. */
  show({ low, high }: GreyWindow, inverted: boolean): void {
    const turned = inverted === this.#inverted ? {} : { invert: inverted }; // said first as false, Cornerstone would invert
    for (const view of VIEWS) {
      this.viewport(view).setProperties({ voiRange: { lower: low, upper: high }, ...turned });
    }
    this.#inverted = inverted;
    this.engine.render();
  }

  /** Where a place is seen in a view, in CSS pixels from its upper left corner. */
  seen(view: View, place: Vector): Point {
    const [x, y] = this.viewport(view).worldToCanvas([...place]);
    return [x, y];
  }

  /** The place of the plane that a point of a view shows. */
  place(view: View, [x, y]: Point): Vector {
    const [left, back, head] = this.viewport(view).canvasToWorld([x, y]);
    return [left, back, head];
  }

  /** CSS pixels a millimetre in a view. */
  scale(view: View): number {
    const [start, end] = [this.seen(view, [0, 0, 0]), this.seen(view, SIDES[view].right)];
    return Math.hypot(end[0] - start[0], end[1] - start[1]);
  }

  zoom(view: View, factor: number): void {
    const { parallelScale = 1 } = this.viewport(view).getCamera();
    this.viewport(view).setCamera({ parallelScale: parallelScale / factor });
    this.viewport(view).render();
  }

  /** The view is moved by so many CSS pixels to the right and down. */
  pan(view: View, across: number, down: number): void {
    const way = minus(this.place(view, [0, 0]), this.place(view, [across, down]));
    const { focalPoint = [0, 0, 0], position = [0, 0, 0] } = this.viewport(view).getCamera();
    this.viewport(view).setCamera({ focalPoint: [...plus(focalPoint, way, 1)], position: [...plus(position, way, 1)] });
    this.viewport(view).render();
  }

  /** Every view shows its whole plane again. */
  fit(): void {
    for (const view of VIEWS) {
      this.viewport(view).resetCamera({ suppressEvents: true });
    }
    this.engine.render();
  }

  /** The elements have another size. */
  resize(): void {
    this.engine.resize(true, true);
  }

  /** Nothing of the volume is left in memory. */
  close(): void {
    this.volume.cancelLoading();
    ended(this.engine);
  }

  private viewport(view: View): Types.IVolumeViewport {
    return this.engine.getViewport<Types.IVolumeViewport>(view);
  }
}

function ended(engine: RenderingEngine): void {
  engine.destroy();
  cache.purgeCache();
  forgotten();
}
