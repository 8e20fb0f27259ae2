/** What the node's API answers, as the page uses it. The OpenAPI file is the contract; `api/schema.d.ts` is made from it. */

export type Language = "ko" | "en";
export type Role =
  | "reader"
  | "adjudicator"
  | "lead"
  | "trainer"
  | "steward"
  | "ethics"
  | "it"
  | "auditor"
  | "fund-holder";

export interface Bilingual {
  readonly en: string;
  readonly ko: string;
}

export interface Person {
  readonly person_id: string;
  readonly display_name: string;
  readonly roles: readonly Role[];
  readonly language: Language;
}

export interface Option {
  readonly code: string;
  readonly text: Bilingual;
}

export interface Question {
  readonly code: string;
  readonly text: Bilingual;
  readonly options: readonly Option[];
}

export interface Schema {
  readonly schema_code: string;
  readonly schema_version: number;
  readonly title: Bilingual;
  readonly questions: readonly Question[];
}

export interface ImageRef {
  readonly image_id: string;
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly modality: string;
  readonly view: string;
}

export interface Assignment {
  readonly assignment_id: string;
  readonly case_id: string;
  readonly project_id: string;
  readonly lease_until: string;
  readonly schema: Schema;
  readonly guideline: string;
  readonly images: readonly ImageRef[];
  readonly patient: { readonly age_band: string; readonly sex: string };
}

export interface WorklistRow {
  readonly project_id: string;
  readonly title: string;
  readonly waiting: number;
  readonly submitted: number;
}

export interface Answer {
  readonly question: string;
  readonly option?: string;
  readonly abstention?: string;
  readonly confidence?: number;
}

export const ABSTENTIONS = ["indeterminate", "not-assessable", "outside-my-field"] as const;
