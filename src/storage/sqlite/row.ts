/** Readers of a row's columns. Rows come from outside the type system, so each column is looked at. */
export type Row = Readonly<Record<string, unknown>>;

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw unexpected(column, value);
  return value;
}

export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw unexpected(column, value);
  return value;
}

export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

export function optionalNumber(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : number(row, column);
}

/** A row holds what it should not. The others of its kind may be as they should. */
export class UnreadableRow extends Error {
  override readonly name = "UnreadableRow";
}

function unexpected(column: string, value: unknown): Error {
  return new UnreadableRow(
    `The column ${column} holds ${value === null ? "NULL" : `a ${typeof value}`}, which is unexpected.`,
  );
}
