/** What IT types of somebody who joins, as the node takes it; null while it is nothing the node takes. */
import type { NewPersonAsked } from "./desk";
import type { Language, Role } from "./types";

export const ROLES: readonly Role[] = ["reader", "adjudicator", "labeler", "lead", "trainer", "steward", "ethics", "clinician", "it", "auditor", "fund-holder"];

export interface NewPersonTyped {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly department: string;
  readonly language: Language;
}

export function newPersonOf(typed: NewPersonTyped): NewPersonAsked | null {
  const name = typed.name.trim();
  if (name === "" || typed.roles.length === 0) {
    return null;
  }
  const department = typed.department === "" ? null : typed.department;
  return { name, roles: [...typed.roles], department, language: typed.language };
}
