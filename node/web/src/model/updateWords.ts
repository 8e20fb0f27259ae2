/** What may be said of an update that left: only under a mask did it never leave as it is. */
import type { TextKey } from "../texts";

interface UpdateWords {
  readonly title: TextKey;
  readonly about: TextKey;
}

const MASKED: UpdateWords = { title: "left.update", about: "left.update-about" };
const PLAIN: UpdateWords = { title: "left.update-plain", about: "left.update-plain-about" };

/** The words for the message that carried the update; any but a masked one is said to have left unmasked. */
export function updateWords(messageKind: string): UpdateWords {
  return messageKind === "masked-update" ? MASKED : PLAIN;
}
