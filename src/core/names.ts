/** What the name of a topic or of a function may be, for messages. */
export const NAME_FORMS: string = "a text of 1 to 200 characters without U+0000 or lone surrogates";

/**
 * Whether a text can be the name of a topic or of a function. No storage keeps U+0000 and lone surrogates as they are: a
 * task under such a name would be stored under another one, which no worker ever claims.
 */
export function isName(text: string): boolean {
  return text !== "" && text.length <= LONGEST_NAME && text.isWellFormed() && !text.includes("\0");
}

/** In UTF-16 units. */
const LONGEST_NAME = 200;
