/** The case being read: its assignment, its film and the form; drafts are saved as they change. */
import { signal } from "@preact/signals";

import { frame, send } from "../api/client";
import type { Choice, Form } from "../model/answers";
import { choose, emptyForm, openQuestions } from "../model/answers";
import type { Assignment } from "../model/types";
import type { Frame } from "../viewer/window";

export const assignment = signal<Assignment | null>(null);
export const film = signal<Frame | null>(null);
export const form = signal<Form | null>(null);
let openedAt = 0;

/** The next case of a project is open; false when none is left. */
export async function nextCase(projectId: string): Promise<boolean> {
  const next = (await send("POST", "/api/assignments", { project_id: projectId })) as Assignment | null;
  assignment.value = next;
  film.value = null;
  form.value = next === null ? null : emptyForm(next.schema);
  openedAt = performance.now();
  const image = next?.images[0];
  if (next !== null && image !== undefined) {
    film.value = await frame(`/api/assignments/${next.assignment_id}/images/${image.image_id}/frames/1`);
  }
  return next !== null;
}

export function pick(choice: Choice): void {
  if (form.value !== null) {
    form.value = choose(form.value, choice);
  }
}

export function canSubmit(): boolean {
  return form.value !== null && film.value !== null && openQuestions(form.value).length === 0;
}

/** The reading is with the node; it can no longer be changed. */
export async function submit(): Promise<void> {
  if (assignment.value === null || form.value === null) {
    return;
  }
  await send("POST", `/api/assignments/${assignment.value.assignment_id}/reading`, {
    answers: [...form.value.answers.values()],
    seconds_active: Math.round((performance.now() - openedAt) / 1000),
  });
}

export async function decline(): Promise<void> {
  if (assignment.value !== null) {
    await send("POST", `/api/assignments/${assignment.value.assignment_id}/decline`, { reason: "outside-my-field" });
    assignment.value = null;
  }
}
