import { readFile } from "node:fs/promises";
import { parseCsv } from "./csv.ts";

/** What one category sold in one region in one month. */
export interface Sale {
  /** Such as "2025-03". */
  readonly month: string;
  readonly region: string;
  readonly category: string;
  readonly orders: number;
  /** Whole cents: sums of them are exact. */
  readonly revenueCents: number;
}

/** Reads the sales that ship with this example. */
export async function readSales(file: URL = new URL("../data-files/sales.csv", import.meta.url)): Promise<Sale[]> {
  return parseSales(await readFile(file, "utf8"));
}

/** @throws {SyntaxError} A value is none of its column; line and column are named. */
export function parseSales(csv: string): Sale[] {
  return parseCsv(csv, ["month", "region", "category", "orders", "revenue_eur"]).map((row, index) => {
    const read = (column: keyof typeof row, form: RegExp): string => {
      if (form.test(row[column])) return row[column];
      throw new SyntaxError(`Line ${index + 2}: "${row[column]}" is no ${column}.`);
    };
    return {
      month: read("month", /^\d{4}-(?:0[1-9]|1[0-2])$/u),
      region: read("region", /\S/u),
      category: read("category", /\S/u),
      orders: Number(read("orders", /^\d+$/u)),
      revenueCents: Number(read("revenue_eur", /^\d+\.\d{2}$/u).replace(".", "")),
    };
  });
}
