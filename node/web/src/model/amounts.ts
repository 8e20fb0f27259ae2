/** Amounts as people type them; they stay text on their way to the node, so that none passes through a binary fraction. */

const AMOUNT = /^\d{1,9}(\.\d{1,4})?$/;
const SIGNED = /^-?\d{1,9}(\.\d{1,4})?$/;

/** The amount without spaces and thousands' commas, or null where the text is none. */
export function amountOf(text: string): string | null {
  const plain = plainOf(text);
  return AMOUNT.test(plain) ? plain : null;
}

/** The same for an amount that may be taken away: a minus sign of either kind comes first. */
export function signedAmountOf(text: string): string | null {
  const plain = plainOf(text).replace(/^−/, "-");
  return SIGNED.test(plain) && !/^-?[0.]*$/.test(plain) ? plain : null;
}

function plainOf(text: string): string {
  const plain = text.replace(/\s/g, "");
  return /^[-−]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain) ? plain.replaceAll(",", "") : plain;
}
