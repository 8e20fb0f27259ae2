/** Identifiers of cases, typed or pasted one a line; null while something among them is none. */
const CASE = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** How many the node takes at once. */
export const MOST_CASES = 1000;

export function casesOf(typed: string): readonly string[] | null {
  const named = typed.toLowerCase().split(/[\s,;]+/).filter((one) => one !== "");
  const cases = [...new Set(named)];
  return cases.length <= MOST_CASES && cases.every((one) => CASE.test(one)) ? cases : null;
}
