/** Codes of a schema, a department or an amount in the words of the page's language. */
import type { Departments, Schemas } from "../model/desk";
import type { Schema } from "../model/types";
import { language } from "../state/session";
import { say, t } from "../texts";
import type { TextKey } from "../texts";

/** The schema of this code and version, or undefined while the schemas are still asked for. */
export function schemaOf(schemas: readonly Schema[] | undefined, code: string, version: number): Schema | undefined {
  return schemas?.find((one) => one.schema_code === code && one.schema_version === version);
}

/** What was voted on, in words: the question, and the option where each is voted on for itself. */
export function votedInWords(schema: Schema | undefined, voted: string): string {
  const [code = "", option] = voted.split("/");
  const question = schema?.questions.find((one) => one.code === code);
  if (question === undefined) {
    return voted;
  }
  const words = say(question.text, language.value);
  return option === undefined ? words : `${words}: ${optionInWords(schema, code, option)}`;
}

/** What was said to it, in words; null is an abstention. */
export function optionInWords(schema: Schema | undefined, voted: string, said: string | null): string {
  if (said === null) {
    return t("said.abstained");
  }
  const [code = "", chosen] = voted.split("/");
  if (chosen !== undefined && (said === "chosen" || said === "not-chosen")) {
    return t(`said.${said}`);
  }
  const options = schema?.questions.find((one) => one.code === code)?.options ?? [];
  const option = options.find((one) => one.code === said);
  return option === undefined ? said : say(option.text, language.value);
}

/** The department's name; any department where there is no code. */
export function departmentInWords(known: Departments | null, code: string | null): string {
  if (code === null) {
    return t("desk.any-department");
  }
  const found = known?.departments.find((one) => one.code === code);
  return found === undefined ? code : say(found, language.value);
}

/** An exact amount, as the node keeps it, with its currency; never through a binary fraction. */
export function money(amount: string, currency: string): string {
  const [whole = "0", part] = amount.split(".");
  const grouped = new Intl.NumberFormat(language.value).format(BigInt(whole));
  const sign = whole.startsWith("-") && BigInt(whole) === 0n ? "-" : "";
  const digits = part === undefined || /^0*$/.test(part) ? "" : `.${part}`;
  return `${sign}${grouped}${digits} ${currency}`;
}

/** The words of a code of the node's own lists. */
export function codeInWords(group: string, code: string): string {
  return t(`${group}.${code}` as TextKey);
}

/** The tasks that a certificate can open: one a schema, whatever its version. */
export function tasksOf(schemas: Schemas | null): string[] {
  return [...new Set(schemas?.schemas.map((one) => one.schema_code) ?? [])];
}

/** A task by the title of its schema. */
export function taskInWords(schemas: Schemas | null, task: string): string {
  const schema = schemas?.schemas.find((one) => one.schema_code === task);
  return schema === undefined ? task : say(schema.title, language.value);
}
