/** What the name of a topic or of a function may be, for messages. */
export const NAME_FORMS: string = "a string of 1 to 200 characters without U+0000 or lone surrogates";

/**
 * Whether a string can be the name of a topic or of a function. No storage keeps U+0000 and lone surrogates as they are: a
 * task under such a name would be stored under another one, which no worker ever claims.
 */
export function isName(text: string): boolean {
  return text !== "" && text.length <= LONGEST_NAME && text.isWellFormed() && !text.includes("\0");
}

/** In UTF-16 units. */
const LONGEST_NAME = 200;

/** How much of an unknown name a message repeats. */
export const LONGEST_NAME_SHOWN = 60;

/** The known name that takes the fewest changes, at most two. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME_SHOWN) return undefined;
  const changes = known.map((other) => distance(other.toLowerCase(), name.toLowerCase()));
  const fewest = Math.min(...changes);
  return fewest <= 2 ? known[changes.indexOf(fewest)] : undefined;
}

/** The Levenshtein distance: how many letters to add, drop or change. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let index = 0; index < from.length; index++) {
    const next = [index + 1];
    for (let column = 0; column < to.length; column++) {
      const changed = (row[column] ?? 0) + (from[index] === to[column] ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
