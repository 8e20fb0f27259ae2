/** Other hospitals of the roster: what this one makes of their keys, and comparing them by telephone. */
import { useRef } from "preact/hooks";

import type { Peer, Peers as Roster } from "../../model/desk";
import { mayCompare, mayTakeBack } from "../../model/peers";
import type { Federation } from "../../model/types";
import { holds, language } from "../../state/session";
import { say, t } from "../../texts";
import { Outcome, useActs, Waiting } from "../acting";
import { number, useLoaded } from "../loading";
import { Comparing } from "./Comparing";
import { TakeBack } from "./TakeBack";

export function Peers() {
  const federation = useLoaded<Federation>("/api/federation");
  return (
    <section>
      <h1>{t("page.peers")}</h1>
      <p class="hint">{t("peers.why")}</p>
      <Waiting loaded={federation} />
      {federation.value?.joined === false && <p>{say(federation.value.summary, language.value)}</p>}
      {federation.value?.joined === true && <Hospitals />}
    </section>
  );
}

function Hospitals() {
  const loaded = useLoaded<Roster>("/api/peers");
  const roster = loaded.value;
  if (roster === null) {
    return <Waiting loaded={loaded} />;
  }
  if (roster.number === 0) {
    return <p>{t("peers.no-roster")}</p>;
  }
  return (
    <>
      <p>{t("peers.roster", { number: number(roster.number), hospitals: number(roster.members.length) })}</p>
      {roster.members.map((peer) => (
        <Hospital key={peer.site_id} peer={peer} again={loaded.again} />
      ))}
    </>
  );
}

interface HospitalProps {
  readonly peer: Peer;
  readonly again: () => Promise<void>;
}

function Hospital({ peer, again }: HospitalProps) {
  const acts = useActs(again);
  const name = useRef<HTMLHeadingElement>(null);
  const acting = holds("it", "steward");
  const path = `/api/peers/${peer.site_id}`;
  const done = () => { name.current?.focus(); };
  return (
    <article class="card">
      <h2 ref={name} tabIndex={-1}>{peer.site_name}</h2>
      <p>
        <strong>{t(`belief.${peer.belief}`)}</strong> {t(`belief.${peer.belief}-says`)}
      </p>
      <p class="hint">
        {t("peers.fingerprint")}: <span class="code">{peer.fingerprint}</span>
      </p>
      <Outcome acts={acts} />
      {acting && mayCompare(peer.belief) && <Comparing peer={peer} path={path} acts={acts} done={done} />}
      {acting && mayTakeBack(peer.belief) && <TakeBack peer={peer} path={path} acts={acts} done={done} />}
    </article>
  );
}
