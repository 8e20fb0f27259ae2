/** Frames that were asked for, as many of the latest as memory allows; never on disk. */
import type { Frame } from "../viewer/window";

const MOST_BYTES = 192 * 1024 * 1024;

export class FrameShelf {
  readonly #frames = new Map<string, Promise<Frame>>();
  readonly #bytes = new Map<string, number>();

  constructor(private readonly fetched: (path: string) => Promise<Frame>) {}

  /** The frame, asked for once; one that failed is asked for anew. */
  get(path: string): Promise<Frame> {
    const before = this.#frames.get(path);
    const found = before ?? this.fetched(path);
    this.#frames.delete(path);
    this.#frames.set(path, found);
    if (before === undefined) {
      found.then(
        (frame) => { this.#arrived(path, found, frame); },
        () => this.#frames.delete(path),
      );
    }
    return found;
  }

  /** These are asked for too, if they are there to be asked for; what fails is asked for when it is wanted. */
  ahead(paths: readonly (string | null)[]): void {
    for (const path of paths) {
      if (path !== null && !this.#frames.has(path)) {
        this.get(path).catch(() => null);
      }
    }
  }

  clear(): void {
    this.#frames.clear();
    this.#bytes.clear();
  }

  #arrived(path: string, found: Promise<Frame>, frame: Frame): void {
    if (this.#frames.get(path) !== found) {
      return;
    }
    this.#bytes.set(path, frame.values.byteLength);
    let total = [...this.#bytes.values()].reduce((sum, bytes) => sum + bytes, 0);
    for (const oldest of [...this.#frames.keys()]) {
      if (total <= MOST_BYTES || oldest === path) {
        return;
      }
      total -= this.#bytes.get(oldest) ?? 0;
      this.#frames.delete(oldest);
      this.#bytes.delete(oldest);
    }
  }
}
