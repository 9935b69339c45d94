/** One field after its line's start or a comma: quoted, with "" for a quote, or plain. */
const field = /(?:^|,)(?:"((?:[^"]|"")*)"|([^",\n]*))/gu;

/**
 * Reads CSV (RFC 4180) with a head line into one object a row, keyed by the head line's names. Fields may be quoted
 * and hold commas and quotes; line breaks inside a field are not supported.
 *
 * @throws {SyntaxError} A line has another number of fields than the head line, or cannot be read; it is named.
 */
export function parseCsv<Column extends string>(text: string, columns: readonly Column[]): Record<Column, string>[] {
  const [head = "", ...lines] = text
    .replace(/^\uFEFF/u, "")
    .trimEnd()
    .split(/\r?\n/u);
  const names = parseLine(head, 1);
  const missing = columns.filter((column) => !names.includes(column));
  if (missing.length > 0) throw new SyntaxError(`Line 1: the column "${missing.join('", "')}" is missing.`);
  return lines.map((line, index) => {
    const values = parseLine(line, index + 2);
    if (values.length !== names.length) {
      throw new SyntaxError(`Line ${index + 2}: ${values.length} fields instead of ${names.length}.`);
    }
    const row = new Map(names.map((name, column) => [name, values[column] ?? ""]));
    return Object.fromEntries(columns.map((column) => [column, row.get(column) ?? ""])) as Record<Column, string>;
  });
}

function parseLine(line: string, number: number): string[] {
  const matches = [...line.matchAll(field)];
  if (matches.map(([all]) => all).join("") !== line) throw new SyntaxError(`Line ${number}: a quote is out of place.`);
  return matches.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
}
