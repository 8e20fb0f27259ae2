/** A file of known answers, one a line: the hospital's own SOP Instance UID, a comma, the option. It is read here alone. */

export interface Reference {
  readonly sop_instance_uid: string;
  readonly option: string;
}

/** What of a file can be sent, or the number of its first line that cannot. */
export type ReadFile = { readonly rows: readonly Reference[] } | { readonly line: number };

export const MOST_ROWS = 20_000;
const UID = /^[0-9.]{1,64}$/;
const HEAD = /^\uFEFF?sop_?instance_?uid\s*[,;\t]/i;

/** The references of a file's text; a first line with titles is passed over, and so are empty lines. */
export function referencesOf(text: string, options: readonly string[]): ReadFile {
  const rows: Reference[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [place, line] of lines.entries()) {
    if (line.trim() === "" || (place === 0 && HEAD.test(line))) {
      continue;
    }
    const [uid = "", option = "", ...more] = line.split(/[,;\t]/).map((part) => part.trim().replace(/^"(.*)"$/, "$1"));
    if (!UID.test(uid) || !options.includes(option) || more.some((part) => part !== "") || rows.length >= MOST_ROWS) {
      return { line: place + 1 };
    }
    rows.push({ sop_instance_uid: uid, option });
  }
  return { rows };
}
