/** A comparison by telephone: who calls begins, each reads out one half of eight words and types the other's half. */
import { useEffect, useRef, useState } from "preact/hooks";

import type { Comparison, Peer } from "../../model/desk";
import { t } from "../../texts";
import type { Acts } from "../acting";
import { Form } from "../fields";
import { HeardField } from "./HeardField";

/** What every act on a hospital's key is given. */
export interface ActOnKeyProps {
  readonly peer: Peer;
  readonly path: string;
  readonly acts: Acts;
  /** The act is done, and what was acted with is gone. */
  readonly done: () => void;
}

export function Comparing({ peer, path, acts, done }: ActOnKeyProps) {
  const [comparison, setComparison] = useState<Comparison | null>(null);
  const compare = async (nonce: string | null) => {
    const body = nonce === null ? {} : { nonce };
    setComparison(((await acts.act("POST", `${path}/comparison`, body)) as Comparison | undefined) ?? null);
  };
  const sign = async (heard: string) => {
    const told = () => t("peers.signed", { name: peer.site_name });
    if ((await acts.act("POST", `${path}/signature`, { heard }, told)) !== undefined) {
      done();
    }
  };
  const stop = () => {
    setComparison(null);
    done();
  };
  return comparison === null ? (
    <Begin busy={acts.busy} compare={(nonce) => void compare(nonce)} />
  ) : (
    <UnderWay key={comparison.nonce} comparison={comparison} busy={acts.busy} sign={(heard) => void sign(heard)} stop={stop} />
  );
}

interface BeginProps {
  readonly busy: boolean;
  readonly compare: (nonce: string | null) => void;
}

function Begin({ busy, compare }: BeginProps) {
  const [said, setSaid] = useState("");
  const [complete, setComplete] = useState(false);
  const hear = (words: string, all: boolean) => {
    setSaid(words);
    setComplete(all);
  };
  return (
    <details>
      <summary>{t("peers.compare")}</summary>
      <div class="decisions">
        <Form title={t("peers.begin")} send={() => { compare(null); }}>
          <p class="hint">{t("peers.begin-says")}</p>
          <button type="submit" class="main" disabled={busy}>
            {t("peers.begin-now")}
          </button>
        </Form>
        <Form title={t("peers.join")} send={() => { compare(said); }}>
          <p class="hint">{t("peers.join-says")}</p>
          <HeardField label={t("peers.nonce")} change={hear} />
          <button type="submit" disabled={!complete || busy}>
            {t("peers.join-now")}
          </button>
        </Form>
      </div>
    </details>
  );
}

interface UnderWayProps {
  readonly comparison: Comparison;
  readonly busy: boolean;
  readonly sign: (heard: string) => void;
  readonly stop: () => void;
}

function UnderWay({ comparison: { nonce, say: own, began }, busy, sign, stop }: UnderWayProps) {
  const [said, setSaid] = useState("");
  const [complete, setComplete] = useState(false);
  const steps = useRef<HTMLOListElement>(null);
  useEffect(() => { steps.current?.focus(); }, []);
  const hear = (words: string, all: boolean) => {
    setSaid(words);
    setComplete(all);
  };
  return (
    <Form send={() => { sign(said); }} label={t("peers.compare")}>
      <ol class="telephone" ref={steps} tabIndex={-1} aria-label={t("peers.steps")}>
        {began && <ReadOut what={t("peers.say-nonce")} words={nonce} />}
        <ReadOut what={t(began ? "peers.say-half" : "peers.say-other-half")} words={own} />
        <li>
          <HeardField label={t("peers.heard")} change={hear} />
        </li>
      </ol>
      <p class="hint">{t("peers.differ")}</p>
      <div class="actions">
        <button type="submit" class="main" disabled={!complete || busy}>
          {t("peers.sign")}
        </button>
        <button type="button" class="quiet" disabled={busy} onClick={stop}>
          {t("peers.stop")}
        </button>
      </div>
    </Form>
  );
}

function ReadOut({ what, words }: { readonly what: string; readonly words: string }) {
  return (
    <li>
      {what}
      <p class="words" lang="en" translate={false}>
        {words}
      </p>
    </li>
  );
}
