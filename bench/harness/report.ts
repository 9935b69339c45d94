import { readFileSync, writeFileSync } from "node:fs";
import { replaceGenerated, table } from "../../scripts/docs/markdown.mjs";
import { cellsOf, HEAD, type Row } from "./row.ts";

const README = new URL("../README.md", import.meta.url);

/** Puts a run's figures into bench/README.md. */
export function writeReadme(machine: readonly string[], rows: readonly Row[]): void {
  writeFileSync(README, withFigures(readFileSync(README, "utf8"), machine, rows));
}

/** A page with a run's figures between its marks. */
export function withFigures(page: string, machine: readonly string[], rows: readonly Row[]): string {
  return replaceGenerated(page, "figures", `${machine.join("\n")}\n\n${table(HEAD, rows.map(cellsOf))}`);
}

/** A row as it is printed while the others are still being measured. */
export function toLine(row: Row): string {
  const [name = "", durability = "", value = "", raw = "", ratio = "", loop = ""] = cellsOf(row);
  const compared = raw === "" ? "" : `raw ${raw}, ratio ${ratio}`;
  return [
    name.padEnd(54),
    durability.padEnd(13),
    value.padStart(14),
    compared.padEnd(40),
    loop === "" ? "" : `loop ${loop} ms`,
  ]
    .join("  ")
    .trimEnd();
}
