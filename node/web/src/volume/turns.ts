/** Volumes share one store of slices, so that one is opened only once the one before is closed. */

/** One thing that is looked for, opened once it was found, and closed in the end. */
export interface Turn<Found, Open> {
  readonly find: () => Promise<Found>;
  readonly open: (found: Found) => Promise<Open>;
  /** It stands. Not called where it was ended meanwhile. */
  readonly stands: (open: Open) => void;
  readonly fails: (reason: unknown) => void;
  readonly close: (open: Open) => void;
}

export class Turns {
  #closed: Promise<void> = Promise.resolve();

  /** The thing is open as soon as nothing else is; the returned act ends it, also while it is still on its way. */
  take<Found, Open>({ find, open, stands, fails, close }: Turn<Found, Open>): () => void {
    const [before, way] = [this.#closed, { ended: false, opens: false }];
    const standing = (async () => {
      const [found] = await Promise.all([find(), before]);
      if (way.ended) {
        return null;
      }
      way.opens = true;
      return { thing: await open(found) };
    })();
    standing.then(
      (opened) => { if (opened !== null && !way.ended) { stands(opened.thing); } },
      (reason: unknown) => { if (!way.ended) { fails(reason); } },
    );
    return () => {
      way.ended = true;
      if (!way.opens) {
        return; // nothing is open, nor will be
      }
      const closing = standing.then((opened) => { if (opened !== null) { close(opened.thing); } }, () => undefined);
      this.#closed = closing;
    };
  }
}
