import type { CaseImage, Question, Schema } from "../src/model/types";

const text = { en: "x", ko: "x" };

export function question(code: string, more: Partial<Question> = {}): Question {
  return {
    code,
    kind: "single",
    level: "study",
    text,
    options: [],
    abstentions: ["indeterminate"],
    confidence_required: false,
    ...more,
  };
}

export function options(...codes: readonly string[]): Question["options"] {
  return codes.map((code) => ({ code, text, alone: code === "none" }));
}

export function schema(...questions: readonly Question[]): Schema {
  return { schema_code: "s", schema_version: 1, title: text, questions: [...questions] };
}

export function image(image_id: string, series = 1): CaseImage {
  return { image_id, rows: 100, columns: 200, frames: 1, modality: "CT", view: "", series };
}
