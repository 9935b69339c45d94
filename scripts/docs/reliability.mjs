// Fills docs/reliability.md from the latest test reports, which .ci/run leaves in .reports:
//
//   node scripts/docs/reliability.mjs
import { execFileSync } from "node:child_process";
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
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = join(root, "docs", "reliability.md");

const results = readReports(join(root, ".reports"));
const text = readFileSync(page, "utf8");
writeFileSync(page, replaceGenerated(replaceGenerated(text, "figures", figuresTable()), "faults", faultsTables()));

/**
 * @param {string} folder
 * @returns {Result[]} Of the long forms last, so that these win.
 */
function readReports(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  files.sort((a, b) => Number(b === "check.json") - Number(a === "check.json"));
  return files.flatMap((file) => {
    const report = /** @type {Report} */ (JSON.parse(readFileSync(join(folder, file), "utf8")));
    return report.testResults.flatMap(({ assertionResults }) => assertionResults);
  });
}

/** What was counted, and where. */
function figuresTable() {
  /** @type {Map<string, Figures["figures"]>} */
  const byProof = new Map();
  for (const { meta } of results)
    if (meta?.figures !== undefined) byProof.set(meta.figures.proof, meta.figures.figures);
  const rows = Array.from(byProof, ([proof, figures]) => [
    proof,
    Object.entries(figures)
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
  ]);
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Linux ${release()}, Node ${process.version}`;
  const date = new Date().toISOString().slice(0, 10);
  return `${table(["proof", "figures"], rows)}\n\nWritten on ${date} at commit ${commit}, from the latest report of each part: ${machine}.`;
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
    const heading = { tasks: "Tasks", sqlite: "SQLite", races: "Races", http: "HTTP" }[area] ?? area;
    return `### ${heading}\n\n${table(["fault", "how it is injected", "what must hold", "result"], [...rows.values()])}`;
  }).join("\n\n");
}

/** @returns {Map<string, string[]>} */
function noRows() {
  return new Map();
}
