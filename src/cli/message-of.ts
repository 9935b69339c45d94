/** The message of an error in one line; its name where it has no message. */
export function messageOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message || error.name : String(error));
}

/** A string as one line without control characters, so that nothing in it looks like another line or controls a terminal. */
export function oneLine(text: string): string {
  return text
    .trim()
    .replaceAll(/\s*[\r\n\u2028\u2029]+\s*/gu, " ")
    .replaceAll(/\p{Cc}/gu, "\uFFFD");
}
