/** What the node's API answers, under the words the page uses. The types are made from the OpenAPI file, never by hand. */
import type { components } from "../api/schema";

type Api = components["schemas"];

export type Assignment = Api["SheetView"];
export type Answer = Api["Answer"];
export type Bilingual = Api["Bilingual"];
export type Federation = Api["FederationView"];
export type Intake = Api["IntakeView"];
export type Language = Api["Language"];
export type Ledger = Api["LedgerPage"];
export type LedgerEntry = Api["LedgerRowView"];
export type Person = Api["OwnPersonView"];
export type Plan = Api["PlanView"];
export type PlanDetail = Api["PlanDetail"];
export type Progress = Api["ProgressView"];
export type Project = Api["ProjectView"];
export type Projects = Api["ProjectsView"];
export type Quarantine = Api["QuarantineView"];
export type Question = Api["Question"];
export type Role = Api["Role"];
export type Schema = Api["LabelSchema"];
export type Session = Api["SessionView"];
export type Verdict = Api["VerdictView"];
export type Worklist = Api["WorklistView"];

export const ABSTENTIONS = ["indeterminate", "not-assessable", "outside-my-field"] as const satisfies readonly Api["Abstention"][];
