import { join } from "node:path";
import { currentTask } from "stage3queue/tasks";
import { writeFileAtomically } from "../write-file-atomically.ts";
import { renderPage } from "./page.ts";
import { readSales, type Sale } from "./sales.ts";

export interface ReportOptions {
  /** The headline. */
  title?: string;
  /** Only this region; all of them where it is left out. */
  region?: string;
}

export interface Report {
  /** Relative to the working directory. */
  path: string;
  rows: number;
  orders: number;
  /** In EUR, such as "1234.50": a text, since binary fractions are not exact. */
  revenue: string;
}

/**
 * The task "generate report": sales by month as a page with a chart, in the folder `data/reports`.
 *
 * Its file is named after the task, so that a second attempt replaces what the first one wrote.
 */
export async function generateReport(options: ReportOptions = {}): Promise<Report> {
  const { title, region } = parseOptions(options);
  const { id, signal, progress } = currentTask();
  const sales = select(await readSales(), region);
  progress(0.3);

  const page = renderPage(title ?? (region === undefined ? "Sales" : `Sales in the ${region}`), sales);
  progress(0.8);
  signal.throwIfAborted();

  const path = join("data", "reports", `${id}.html`);
  await writeFileAtomically(path, page);
  return {
    path,
    rows: sales.length,
    orders: sales.reduce((sum, { orders }) => sum + orders, 0),
    revenue: (sales.reduce((sum, { revenueCents }) => sum + revenueCents, 0) / 100).toFixed(2),
  };
}

/** Arguments may have come over HTTP, so they are checked whatever their types say. */
function parseOptions(value: unknown): ReportOptions {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(
      'The argument must be an object such as {"title": "Sales", "region": "North"}, or be left out.',
    );
  }
  for (const [name, text] of Object.entries(value)) {
    if (name !== "title" && name !== "region") throw new TypeError(`"${name}" is unknown; there are title and region.`);
    if (typeof text !== "string") throw new TypeError(`${name} must be a string.`);
  }
  return value;
}

function select(sales: readonly Sale[], region: string | undefined): readonly Sale[] {
  if (region === undefined) return sales;
  const selected = sales.filter((sale) => sale.region === region);
  if (selected.length > 0) return selected;
  const known = [...new Set(sales.map((sale) => sale.region))].toSorted().join(", ");
  throw new RangeError(`There are no sales in the region "${region}". Regions: ${known}.`);
}
