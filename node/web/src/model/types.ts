/** What the node's API answers, under the words the page uses. The types are made from the OpenAPI file, never by hand. */
import type { components } from "../api/schema";

type Api = components["schemas"];

export type Assignment = Api["SheetView"];
export type Answer = Api["Answer"];
export type Bilingual = Api["Bilingual"];
export type Deidentification = Api["DeidentificationView"];
export type Commitments = Api["CommitmentsView"];
export type AskReason = Api["AskReason"];
export type ExclusionKind = Api["ExclusionKind"];
export type Exclusions = Api["ExclusionsView"];
export type Federation = Api["FederationView"];
export type ImageVerdicts = Api["ImageVerdictsView"];
export type Intake = Api["IntakeView"];
export type Language = Api["Language"];
export type Ledger = Api["LedgerPage"];
export type LedgerEntry = Api["LedgerRowView"];
export type LiftReason = Api["LiftReason"];
export type ListLifted = Api["ListLiftedView"];
export type ListTaken = Api["ListTakenView"];
export type Person = Api["OwnPersonView"];
export type Plan = Api["PlanView"];
export type PlanDetail = Api["PlanDetail"];
export type Progress = Api["ProgressView"];
export type Project = Api["ProjectView"];
export type Projects = Api["ProjectsView"];
export type DeleteReason = Api["DeleteReason"];
export type Quarantine = Api["QuarantineView"];
export type Quarantined = Api["QuarantinedView"];
export type Question = Api["Question"];
export type ReleaseReason = Api["ReleaseReason"];
export type Role = Api["Role"];
export type Schema = Api["LabelSchema"];
export type Session = Api["SessionView"];
export type HospitalIdentity = Api["HospitalIdentityView"];
export type ReidentificationRequest = Api["ReidentificationView"];
export type Reidentifications = Api["ReidentificationsView"];
export type ReviewRefusal = Api["ReviewRefusal"];
export type Store = Api["StoreView"];
export type Token = Api["TokenView"];
export type TokenMade = Api["TokenMadeView"];
export type TokenRole = Extract<Api["Role"], "lead" | "steward" | "it">;
export type Tokens = Api["TokensView"];
export type Verdict = Api["VerdictView"];
export type Worklist = Api["WorklistView"];

export const ABSTENTIONS = ["indeterminate", "not-assessable", "outside-my-field"] as const satisfies readonly Api["Abstention"][];
