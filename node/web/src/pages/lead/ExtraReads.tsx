/** Extra readings of a project: the next reader is asked while a case is unsure, and readers meet own cases again. */
import { useState } from "preact/hooks";

import type { ExtraReads, RepeatsSet } from "../../model/desk";
import { extraReadsOf, MOST_PLACES, MOST_READS, perCent, REPEATS, repeatsOf } from "../../model/extraReads";
import type { Project } from "../../model/types";
import { t } from "../../texts";
import { Outcome, useActs, Waiting } from "../acting";
import { Form, TextField } from "../fields";
import { number, useLoaded } from "../loading";
import type { PartProps } from "./ProjectDesk";

export function ExtraReadsPart({ project }: PartProps) {
  return (
    <div class="decisions">
      <Adaptive project={project} />
      <Repeating project={project} />
    </div>
  );
}

function Adaptive({ project }: { readonly project: Project }) {
  const path = `/api/projects/${project.project_id}/extra-reads`;
  const loaded = useLoaded<ExtraReads>(path);
  const acts = useActs(loaded.again);
  const set = loaded.value;
  if (set === null) {
    return <Waiting loaded={loaded} />;
  }
  const stands = set.bound !== null;
  const end = () => void acts.act("DELETE", path, undefined, () => t("extra.ended"));
  return (
    <div class="card">
      <h2>{t("extra.title")}</h2>
      <p class="hint">{t("extra.says")}</p>
      <p>{t(stands ? "extra.stands" : "extra.none", { reads: number(project.reads_per_case), most: number(set.at_most ?? 0) })}</p>
      {stands && <p>{t("extra.told", { places: number(set.places), told: number(Math.round(100 * set.told)) })}</p>}
      <Outcome acts={acts} />
      {project.state === "archived" ? (
        <p class="hint">{t("extra.archived")}</p>
      ) : (
        <AdaptiveForm key={JSON.stringify([set.bound, set.at_most, set.by_chance, set.places_each])} set={set} reads={project.reads_per_case} busy={acts.busy}
          send={(body) => void acts.act("PUT", path, body, () => t("extra.set-done"))} />
      )}
      {stands && project.state !== "archived" && <End says={t("extra.end-says")} label={t("extra.end")} busy={acts.busy} end={end} />}
    </div>
  );
}

interface AdaptiveFormProps {
  readonly set: ExtraReads;
  readonly reads: number;
  readonly busy: boolean;
  readonly send: (body: unknown) => void;
}

function AdaptiveForm({ set, reads, busy, send }: AdaptiveFormProps) {
  const [bound, setBound] = useState(perCent(set.bound ?? 0.95));
  const [most, setMost] = useState(String(set.at_most ?? Math.min(reads + 2, MOST_READS)));
  const [chance, setChance] = useState(perCent(set.by_chance ?? 0.1));
  const [places, setPlaces] = useState(String(set.places_each ?? 1));
  const asked = extraReadsOf({ bound, most, chance, places }, reads);
  return (
    <Form label={t("extra.title")} send={() => { send(asked); }}>
      <TextField label={t("extra.bound")} hint={t("extra.bound-hint")} value={bound} numeric longest={6} change={setBound} />
      <TextField label={t("extra.most")} hint={t("extra.most-hint", { least: reads + 1, most: MOST_READS })} value={most} numeric longest={2} change={setMost} />
      <TextField label={t("extra.places")} hint={t("extra.places-hint", { most: MOST_PLACES })} value={places} numeric longest={2} change={setPlaces} />
      <TextField label={t("extra.chance")} hint={t("extra.chance-hint")} value={chance} numeric longest={6} change={setChance} />
      <button type="submit" disabled={asked === null || busy}>
        {t("extra.set")}
      </button>
    </Form>
  );
}

function Repeating({ project }: { readonly project: Project }) {
  const path = `/api/projects/${project.project_id}/repeats`;
  const loaded = useLoaded<RepeatsSet>(path);
  const acts = useActs(loaded.again);
  if (loaded.value === null) {
    return <Waiting loaded={loaded} />;
  }
  const { repeats } = loaded.value;
  const end = () => void acts.act("DELETE", path, undefined, () => t("repeats.ended"));
  const told = repeats === null ? t("repeats.none") : t("repeats.stands", { share: perCent(repeats.share), days: number(repeats.after_days) });
  return (
    <div class="card">
      <h2>{t("repeats.title")}</h2>
      <p class="hint">{t("repeats.says")}</p>
      <p>{told}</p>
      <Outcome acts={acts} />
      {project.state === "archived" ? (
        <p class="hint">{t("extra.archived")}</p>
      ) : (
        <RepeatsForm key={JSON.stringify(repeats)} repeats={repeats} busy={acts.busy}
          send={(body) => void acts.act("PUT", path, body, () => t("repeats.set-done"))} />
      )}
      {repeats !== null && project.state !== "archived" && <End says={t("repeats.end-says")} label={t("repeats.end")} busy={acts.busy} end={end} />}
    </div>
  );
}

interface RepeatsFormProps {
  readonly repeats: RepeatsSet["repeats"];
  readonly busy: boolean;
  readonly send: (body: unknown) => void;
}

function RepeatsForm({ repeats, busy, send }: RepeatsFormProps) {
  const [share, setShare] = useState(perCent(repeats?.share ?? 0.05));
  const [days, setDays] = useState(String(repeats?.after_days ?? 30));
  const asked = repeatsOf({ share, days });
  return (
    <Form label={t("repeats.title")} send={() => { send(asked); }}>
      <TextField label={t("repeats.share")} hint={t("repeats.share-hint", { most: REPEATS.share })} value={share} numeric longest={5} change={setShare} />
      <TextField label={t("repeats.days")} hint={t("repeats.days-hint", { most: REPEATS.days })} value={days} numeric longest={3} change={setDays} />
      <button type="submit" disabled={asked === null || busy}>
        {t("repeats.set")}
      </button>
    </Form>
  );
}

interface EndProps {
  readonly says: string;
  readonly label: string;
  readonly busy: boolean;
  readonly end: () => void;
}

/** A setting is ended, under what that does. */
function End({ says, label, busy, end }: EndProps) {
  return (
    <>
      <p class="hint">{says}</p>
      <p class="actions">
        <button type="button" class="stop" disabled={busy} onClick={end}>
          {label}
        </button>
      </p>
    </>
  );
}
