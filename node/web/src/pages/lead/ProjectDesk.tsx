/** One project as its lead looks after it, in parts: life, guideline, cases, extra readings, agreement, adjudication, gold, pay. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { Schemas } from "../../model/desk";
import type { Project, Schema } from "../../model/types";
import { t } from "../../texts";
import { Parts } from "../acting";
import { schemaOf } from "../words";
import { Adjudications } from "./Adjudications";
import { AgreementPart } from "./AgreementPart";
import { CaseOrders } from "./CaseOrders";
import { ExtraReadsPart } from "./ExtraReads";
import { GoldPart } from "./GoldPart";
import { GuidelinePart } from "./GuidelinePart";
import { LifePart } from "./LifePart";
import { PayPart } from "./PayPart";

const NAMES = ["life", "guideline", "cases", "extra", "agreement", "adjudication", "gold", "pay"] as const;
type Name = (typeof NAMES)[number];

/** What every part of the desk is given. */
export interface PartProps {
  readonly project: Project;
  readonly schema: Schema | undefined;
  readonly again: () => Promise<void>;
}

const VIEWS: Record<Name, (props: PartProps) => JSX.Element> = {
  life: LifePart,
  guideline: GuidelinePart,
  cases: CaseOrders,
  extra: ExtraReadsPart,
  agreement: AgreementPart,
  adjudication: Adjudications,
  gold: GoldPart,
  pay: PayPart,
};

interface DeskProps {
  readonly project: Project;
  readonly schemas: Schemas | null;
  readonly again: () => Promise<void>;
  readonly close: () => void;
}

export function ProjectDesk({ project, schemas, again, close }: DeskProps) {
  const [name, setName] = useState<Name>("life");
  const View = VIEWS[name];
  const schema = schemaOf(schemas?.schemas, project.schema_code, project.schema_version);
  return (
    <section>
      <p class="actions">
        <button type="button" class="quiet" onClick={close}>
          {t("projects.back")}
        </button>
      </p>
      <h1>{project.title}</h1>
      <Parts names={NAMES} shown={name} show={setName} words={(one) => t(`part.${one}`)} label={project.title} />
      <View project={project} schema={schema} again={again} />
    </section>
  );
}
