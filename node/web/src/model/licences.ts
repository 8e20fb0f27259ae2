/** How a verified licence stands today: it is to be checked anew some time before its last day. */
import { daysUntil } from "./dates";
import type { PersonOfNode } from "./desk";

export const WARN_DAYS = 60;

export type Standing = "none" | "holds" | "ends-soon" | "over";

/** Readers and adjudicators need a licence; of the others nobody asks. */
export function needsLicence(person: PersonOfNode): boolean {
  return person.roles.includes("reader") || person.roles.includes("adjudicator");
}

/** How the licence stands; its last day is a day on which it holds. */
export function standingOf(licence: PersonOfNode["licence"], today: string): Standing {
  if (licence === null) {
    return "none";
  }
  const days = daysUntil(licence.valid_until, today);
  if (days < 0) {
    return "over";
  }
  return days <= WARN_DAYS ? "ends-soon" : "holds";
}

const ORDER: readonly Standing[] = ["over", "ends-soon", "none", "holds"];

/** Everybody who needs a licence: first whose is over, then whose ends soon, each by its last day, then by name. */
export function byUrgency(people: readonly PersonOfNode[], today: string): PersonOfNode[] {
  const rank = (one: PersonOfNode) => ORDER.indexOf(standingOf(one.licence, today));
  const end = (one: PersonOfNode) => one.licence?.valid_until ?? "";
  return people
    .filter((one) => one.active && needsLicence(one))
    .sort((one, other) => rank(one) - rank(other) || (end(one) < end(other) ? -1 : end(one) > end(other) ? 1 : one.name < other.name ? -1 : 1));
}
