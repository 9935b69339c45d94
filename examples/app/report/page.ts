import { drawLineChart } from "./chart.ts";
import { markup, type Markup } from "./markup.ts";
import type { Sale } from "./sales.ts";
import { totalsOf, type Totals } from "./totals.ts";

/** Writes the whole report: one HTML file that needs no other file and no network. */
export function renderPage(title: string, sales: readonly Sale[]): string {
  const byMonth = totalsOf(
    sales,
    (sale) => sale.region,
    (sale) => sale.month,
  );
  const byYear = totalsOf(
    sales,
    (sale) => sale.region,
    (sale) => sale.month.slice(0, 4),
  );
  const byCategory = totalsOf(
    sales,
    (sale) => sale.category,
    (sale) => sale.month.slice(0, 4),
  );
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
svg { width: 100%; height: auto }
table { border-collapse: collapse; margin-bottom: 2rem }
th, td { padding: 0.25rem 1rem; text-align: right; border-bottom: 1px solid #ddd; font-variant-numeric: tabular-nums }
th:first-child { text-align: left }
tfoot, td:last-child { font-weight: bold }
</style>
</head>
<body>
<h1>${title}</h1>
<p>${byMonth.columns.at(0) ?? ""} to ${byMonth.columns.at(-1) ?? ""}, revenue in EUR.</p>
${drawMonths(byMonth)}
<h2>By region</h2>
${renderTable("Region", byYear)}
<h2>By category</h2>
${renderTable("Category", byCategory)}
</body>
</html>
`.text;
}

function drawMonths(totals: Totals): Markup {
  return drawLineChart({
    title: "Revenue by month",
    unit: "EUR a month",
    labels: totals.columns,
    series: totals.rows.map((name) => ({
      name,
      values: totals.columns.map((month) => totals.cents(name, month) / 100),
    })),
  });
}

function renderTable(heading: string, totals: Totals): Markup {
  return markup`<table>
<thead><tr><th>${heading}</th>${totals.columns.map((column) => markup`<th>${column}</th>`)}<th>Total</th></tr></thead>
<tbody>
${totals.rows.map((row) =>
  renderRow(
    row,
    totals.columns.map((column) => totals.cents(row, column)),
    totals.rowCents(row),
  ),
)}
</tbody>
<tfoot>
${renderRow(
  "Total",
  totals.columns.map((column) => totals.columnCents(column)),
  totals.allCents,
)}
</tfoot>
</table>`;
}

function renderRow(name: string, cents: readonly number[], totalCents: number): Markup {
  return markup`<tr><th>${name}</th>${[...cents, totalCents].map((value) => markup`<td>${euros(value)}</td>`)}</tr>`;
}

function euros(cents: number): string {
  return (cents / 100).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
