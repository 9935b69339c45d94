import type { Sale } from "./sales.ts";

/** Revenue in cents by a row's name, then by a column's. */
export interface Totals {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  cents(row: string, column: string): number;
  rowCents(row: string): number;
  columnCents(column: string): number;
  readonly allCents: number;
}

/** Adds up revenue in two dimensions, such as region and month. */
export function totalsOf(sales: readonly Sale[], row: (sale: Sale) => string, column: (sale: Sale) => string): Totals {
  const sums = new Map<string, number>();
  const add = (key: readonly string[], cents: number): void => {
    const name = JSON.stringify(key);
    sums.set(name, (sums.get(name) ?? 0) + cents);
  };
  for (const sale of sales) {
    add(["cell", row(sale), column(sale)], sale.revenueCents);
    add(["row", row(sale)], sale.revenueCents);
    add(["column", column(sale)], sale.revenueCents);
    add(["all"], sale.revenueCents);
  }
  const sum = (...key: string[]): number => sums.get(JSON.stringify(key)) ?? 0;
  return {
    rows: [...new Set(sales.map(row))].toSorted(),
    columns: [...new Set(sales.map(column))].toSorted(),
    cents: (rowName, columnName) => sum("cell", rowName, columnName),
    rowCents: (rowName) => sum("row", rowName),
    columnCents: (columnName) => sum("column", columnName),
    allCents: sum("all"),
  };
}
