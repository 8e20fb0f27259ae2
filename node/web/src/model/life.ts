/** The life of a project as its lead moves it; which step the node takes is the node's to decide. */
import type { PermittedUse, ProjectState, VerdictReason } from "./desk";

export const STATES = ["draft", "pilot", "open", "frozen", "archived"] as const satisfies readonly ProjectState[];

export type Step = "start-pilot" | "deal-pilot" | "open" | "deal" | "freeze" | "thaw" | "archive";

const STEPS: Record<ProjectState, readonly Step[]> = {
  draft: ["start-pilot", "open", "archive"],
  pilot: ["open", "deal-pilot", "freeze"],
  open: ["deal", "freeze"],
  frozen: ["thaw", "archive"],
  archived: [],
};

const ROUTE: Record<Step, "pilot" | "open" | "freeze" | "archive"> = {
  "start-pilot": "pilot",
  "deal-pilot": "pilot",
  open: "open",
  deal: "open",
  thaw: "open",
  freeze: "freeze",
  archive: "archive",
};

/** What a lead can do next with a project in this state, the usual step first. */
export function stepsFrom(state: ProjectState): readonly Step[] {
  return STEPS[state];
}

/** The last part of the route that takes the step. */
export function routeOf(step: Step): string {
  return ROUTE[step];
}

/** Nothing follows these without harm: the page asks once more. */
export function isFinal(step: Step): boolean {
  return step === "archive";
}

export const PILOT_READS = { least: 20, most: 50 } as const;

const USES = ["own", "named-partners", "any-approved-plan"] as const satisfies readonly PermittedUse[];

/** The uses that may be said now: any while the project is a draft, afterwards none that is wider. */
export function usesOffered(now: PermittedUse, state: ProjectState): readonly PermittedUse[] {
  return state === "draft" ? USES : USES.slice(0, USES.indexOf(now) + 1);
}

/** Partners as they are typed, one a line. */
export function partnersOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((one) => one !== "");
}

const UNDECIDABLE: readonly VerdictReason[] = ["guideline-unclear", "image-insufficient", "borderline"];
export const VERDICT_REASONS = [
  "finding-overlooked", "finding-overcalled", "artefact", "borderline", "guideline-unclear", "image-insufficient",
] as const satisfies readonly VerdictReason[];

/** Whether the node takes a verdict for this reason that names an option, or none. */
export function verdictStands(option: string | null, reason: VerdictReason): boolean {
  return option === null ? UNDECIDABLE.includes(reason) : reason !== "image-insufficient";
}
