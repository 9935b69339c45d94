/**
 * The largest time that a `Date` takes, in milliseconds. It is less than the largest whole number that JavaScript has, beyond
 * which the driver refuses to read the whole row, and all other rows of the same statement.
 */
const LARGEST = 8_640_000_000_000_000;

/** A column's whole number; `otherwise` where JavaScript has no such number. */
export function readable(column: string, otherwise: "NULL" | "0" | "1" = "NULL"): string {
  return `iif(${isReadable(column)}, ${column}, ${otherwise}) AS ${column}`;
}

/** Whether JavaScript has a column's whole number, and the next one. */
export function isReadable(column: string): string {
  return `${column} BETWEEN ${-LARGEST} AND ${LARGEST}`;
}
