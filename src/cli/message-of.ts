/** What an error says, in one line; of an error without words, what it is. */
export function messageOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message || error.name : String(error));
}

/** A text as one line without control characters, so that nothing in it passes for another line or steers a terminal. */
export function oneLine(text: string): string {
  return text
    .trim()
    .replaceAll(/\s*[\r\n\u2028\u2029]+\s*/gu, " ")
    .replaceAll(/\p{Cc}/gu, "\uFFFD");
}
