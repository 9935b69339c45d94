// Fills docs/reliability.md from what one whole run of .ci/run has left in .reports; of a run in which anything failed
// it takes nothing:
//
//   node scripts/docs/reliability.mjs
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { replaceGenerated, table } from "./markdown.mjs";

/**
 * @typedef {{ area: string, fault: string, injected: string, holds: string }} Fault
 * @typedef {{ proof: string, figures: Record<string, number | string> }} Figures
 * @typedef {{ status: string, meta?: { fault?: Fault, figures?: Figures } }} Result
 * @typedef {{ testResults: { assertionResults: Result[] }[] }} Report
 * @typedef {{ commit?: string, startedAt: string, isGreen: boolean, passed: number, failed: number }} Run
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = join(root, "docs", "reliability.md");
const reports = join(root, ".reports");
const runFile = "run.json";

const run = readRun();
const results = readReports();
const text = readFileSync(page, "utf8");
writeFileSync(page, replaceGenerated(replaceGenerated(text, "figures", figuresTable()), "faults", faultsTables()));

function readRun() {
  const latest = /** @type {Run} */ (JSON.parse(readFileSync(join(reports, runFile), "utf8")));
  if (latest.isGreen && latest.commit !== undefined) return latest;
  throw new Error("The latest run of .ci/run was not green, or of no commit: its figures go nowhere.");
}

/** @returns {Result[]} Of the long forms last, so that these win. */
function readReports() {
  const files = readdirSync(reports).filter((file) => file.endsWith(".json") && file !== runFile);
  files.sort((a, b) => Number(b === "check.json") - Number(a === "check.json"));
  return files.flatMap((file) => {
    const report = /** @type {Report} */ (JSON.parse(readFileSync(join(reports, file), "utf8")));
    return report.testResults.flatMap(({ assertionResults }) => assertionResults);
  });
}

/** What was counted, one table a proof, and where. */
function figuresTable() {
  /** @type {Map<string, Figures["figures"]>} */
  const byProof = new Map();
  for (const { meta } of results)
    if (meta?.figures !== undefined) byProof.set(meta.figures.proof, meta.figures.figures);
  const tables = Array.from(byProof, ([proof, figures]) => {
    const rows = Object.entries(figures).map(([name, value]) => [
      name,
      // It is typed in as it stands.
      name.endsWith("seed") ? String(value) : shown(value),
    ]);
    return `### ${proof}\n\n${table(["what", "figure"], rows)}`;
  });
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Linux ${release()}, Node ${process.version}`;
  const tests = `${shown(run.passed)} tests passed, ${shown(run.failed)} failed`;
  const from = `From one run of \`.ci/run\` on ${run.startedAt.slice(0, 10)} at commit ${run.commit}: ${tests}.`;
  return [`${from}\nThe machine: ${machine}.`, ...tables].join("\n\n");
}

/** @param {number | string} value */
function shown(value) {
  return typeof value === "number" ? value.toLocaleString("en-US") : value;
}

/** One table an area. */
function faultsTables() {
  /** @type {Map<string, Map<string, string[]>>} */
  const areas = new Map();
  for (const { status, meta } of results) {
    if (meta?.fault === undefined) continue;
    const { area, fault, injected, holds } = meta.fault;
    const rows = areas.get(area) ?? noRows();
    areas.set(area, rows.set(fault, [fault, injected, holds, status === "passed" ? "holds" : status]));
  }
  return Array.from(areas, ([area, rows]) => {
    const heading =
      { tasks: "Tasks", sqlite: "SQLite", races: "Races", http: "HTTP", memory: "Queues in memory" }[area] ?? area;
    return `### ${heading}\n\n${table(["fault", "how it is injected", "what must hold", "result"], [...rows.values()])}`;
  }).join("\n\n");
}

/** @returns {Map<string, string[]>} */
function noRows() {
  return new Map();
}
