import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { enqueue, waitForStatus } from "./support/calls.ts";
import { failuresOf } from "./support/dead-letters.ts";
import { startExample, type ExampleServer } from "./support/example-server.ts";

test("the report shows the numbers of the data file", async () => {
  const page = await report(await startExample(), { title: "Sales & <more>" });
  const rows = await readRows();
  const regions = ["East", "North", "South", "West"];
  const years = ["2023", "2024", "2025"];

  expect(page).toContain("<title>Sales &#38; &#60;more&#62;</title>");
  expect(tableRow(page, "Total")).toEqual([...years.map((year) => total(rows, { year })), total(rows, {})]);
  for (const region of regions) {
    expect(tableRow(page, region)).toEqual([
      ...years.map((year) => total(rows, { year, region })),
      total(rows, { region }),
    ]);
  }
  expect(tableRow(page, "Filters, cups &#38; parts").at(-1)).toBe(total(rows, { category: "Filters, cups & parts" }));
});

test("the chart has a line a region, whose points are the months' revenue", async () => {
  const page = await report(await startExample(), {});
  const rows = await readRows();
  const zero = tick(page, "0");
  const hundredThousand = tick(page, "100,000");
  for (const region of ["East", "North", "South", "West"]) {
    expect(page).toContain(`>${region}</text>`);
    const points = pointsOf(page, region);
    expect(points).toHaveLength(36);
    const shown = points.map((y) => ((zero - y) / (zero - hundredThousand)) * 100_000);
    const months = [...new Set(rows.map(({ month }) => month))];
    for (const [index, month] of months.entries()) {
      const revenue = cents(rows.filter((row) => row.month === month && row.region === region)) / 100;
      expect(Math.abs((shown[index] ?? NaN) - revenue)).toBeLessThan(50); // a tenth of a pixel is 39 EUR
    }
  }
});

test("a report of one region holds no other", async () => {
  const page = await report(await startExample(), { region: "North" });
  expect(page).toContain("<h1>Sales in the North</h1>");
  expect(page).not.toContain("South");
  expect(tableRow(page, "Total").at(-1)).toBe(total(await readRows(), { region: "North" }));
});

test("a region that is unknown fails with the names of the known ones, and writes nothing", async () => {
  const server = await startExample();
  const task = { topic: "report", function: "generate report", args: [{ region: "Nord" }], maxRestarts: 0 };
  const id = await enqueue(server, task);
  await waitForStatus(server, id, "in_dead_letter_queue");
  expect(await failuresOf(server, id)).toEqual([
    expect.objectContaining({
      attempt: 1,
      code: "TASK_FAILED",
      message: 'There are no sales in the region "Nord". Regions: East, North, South, West.',
    }),
  ]);
  expect(await readdir(server.folder)).not.toContain("data");
});

interface Row {
  month: string;
  region: string;
  category: string;
  cents: number;
}

async function report(server: ExampleServer, options: object): Promise<string> {
  const id = await enqueue(server, { topic: "report", function: "generate report", args: [options] });
  await waitForStatus(server, id, "finished");
  const folder = join(server.folder, "data", "reports");
  expect(await readdir(folder)).toEqual([`${id}.html`]);
  return readFile(join(folder, `${id}.html`), "utf8");
}

/** Reads the data file by another way than the application: it relies on where its commas are. */
async function readRows(): Promise<Row[]> {
  const file = new URL("../../examples/app/data-files/sales.csv", import.meta.url);
  const [, ...lines] = (await readFile(file, "utf8")).trim().split("\n");
  return lines.map((line) => {
    const [month = "", region = "", ...rest] = line.split(",");
    const [revenue = "", , ...category] = rest.toReversed();
    return {
      month,
      region,
      category: category.toReversed().join(",").replaceAll('"', ""),
      cents: Math.round(Number(revenue) * 100),
    };
  });
}

function total(rows: readonly Row[], where: { year?: string; region?: string; category?: string }): string {
  const { year = "", region, category } = where;
  const selected = rows.filter(
    (row) =>
      row.month.startsWith(year) &&
      [row.region, undefined].includes(region) &&
      [row.category, undefined].includes(category),
  );
  const [whole = "", fraction = ""] = (cents(selected) / 100).toFixed(2).split(".");
  return `${whole.replaceAll(/\B(?=(?:\d{3})+$)/gu, ",")}.${fraction}`;
}

function cents(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + row.cents, 0);
}

/** The cells of the first row with this name. */
function tableRow(page: string, name: string): string[] {
  const [, cells = ""] = page.split(`<tr><th>${name}</th>`);
  return [...(cells.split("</tr>")[0] ?? "").matchAll(/<td>([^<]*)<\/td>/gu)].map(([, text = ""]) => text);
}

/** Where a tick's line lies. */
function tick(page: string, label: string): number {
  const pattern = new RegExp(String.raw`y1="([\d.]+)" [^>]*/><text [^>]*>${label}</text>`, "u");
  return Number(pattern.exec(page)?.[1]);
}

function pointsOf(page: string, region: string): number[] {
  const pattern = new RegExp(`<polyline points="([^"]*)"[^>]*><title>${region}</title>`, "u");
  const points = pattern.exec(page)?.[1] ?? "";
  return points.split(" ").map((point) => Number(point.split(",")[1]));
}
