/** Which adjudication is read blind in this window: its reading leads back to it, never to a next case. */
import { effect, signal } from "@preact/signals";

import { person } from "./session";

interface Adjudicated {
  readonly adjudicationId: string;
  readonly assignmentId: string;
}

export const adjudicating = signal<Adjudicated | null>(null);

/** Whether the case under this assignment is read for an adjudication. */
export function isAdjudicated(assignmentId: string | undefined): boolean {
  return adjudicating.value !== null && adjudicating.value.assignmentId === assignmentId;
}

effect(() => {
  if (person.value === null) {
    adjudicating.value = null;
  }
});
