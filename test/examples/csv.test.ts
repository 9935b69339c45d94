import { expect, test } from "vitest";
import { parseCsv } from "../../examples/app/report/csv.ts";
import { parseSales, readSales } from "../../examples/app/report/sales.ts";

test("reads quoted fields, quotes in them, empty fields and both kinds of line ends", () => {
  const text = '\uFEFFname,note,n\r\n"Filters, cups","a ""b"" c",1\nplain,,2\n';
  expect(parseCsv(text, ["n", "name", "note"])).toEqual([
    { name: "Filters, cups", note: 'a "b" c', n: "1" },
    { name: "plain", note: "", n: "2" },
  ]);
});

test.each([
  ["a,b\n1,2,3\n", "Line 2: 3 fields instead of 2."],
  ["a,b\n1\n", "Line 2: 1 fields instead of 2."],
  ['a,b\n1,2\n"x"y,2\n', "Line 3: a quote is out of place."],
  ['a,b\n"x,2\n', "Line 2: a quote is out of place."],
  ["a,c\n1,2\n", 'Line 1: the column "b" is missing.'],
])("refuses %j and names the line", (text, message) => {
  expect(() => parseCsv(text, ["a", "b"])).toThrow(new SyntaxError(message));
});

test.each([
  ["2024-13,North,Tea,1,1.00", '"2024-13" is no month'],
  ["2024-01,,Tea,1,1.00", '"" is no region'],
  ["2024-01,North,Tea,-1,1.00", '"-1" is no orders'],
  ["2024-01,North,Tea,1,1.5", '"1.5" is no revenue_eur'],
])("refuses the sale %j", (line, message) => {
  expect(() => parseSales(`month,region,category,orders,revenue_eur\n${line}\n`)).toThrow(`Line 2: ${message}.`);
});

test("the data file holds every month, region and category once", async () => {
  const sales = await readSales();
  const keys = sales.map(({ month, region, category }) => `${month} ${region} ${category}`);
  expect(new Set(keys).size).toBe(sales.length);
  expect(sales.length).toBe(36 * 4 * 3);
  expect(sales[0]).toEqual({
    month: "2023-01",
    region: "North",
    category: "Coffee",
    orders: 917,
    revenueCents: 2_861_366,
  });
});
