// Measures the build in dist, and prints each figure beside what raw node:sqlite does with the same rows:
//
//   npm run bench
//   npm run bench -- --only drain
//   npm run bench -- --write      writes bench/README.md
//   npm run bench -- --quick      as little of each as shows that it works
//   npm run bench -- --json       for programs
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine } from "./harness/machine.ts";
import type { Measurement } from "./harness/measurement.ts";
import { toLine, writeReadme } from "./harness/report.ts";
import type { Row } from "./harness/row.ts";
import { FULL, QUICK } from "./harness/scale.ts";
import { measureClaim } from "./measurements/claim.ts";
import { measureDrain } from "./measurements/drain.ts";
import { measureEnqueue } from "./measurements/enqueue.ts";
import { measureIdle } from "./measurements/idle.ts";
import { measureLatency } from "./measurements/latency.ts";
import { measureMemory } from "./measurements/memory.ts";
import { measureMixed } from "./measurements/mixed.ts";

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  idle: measureIdle,
  enqueue: measureEnqueue,
  drain: measureDrain,
  mixed: measureMixed,
  latency: measureLatency,
  claim: measureClaim,
  memory: measureMemory,
};

/** Under the repository, and not in the system's folder for temporary files, which may be in memory: fsync would be free. */
const BASE = fileURLToPath(new URL("../.bench/", import.meta.url));

process.exitCode = await main();

async function main(): Promise<number> {
  const { values: flags } = parseArgs({
    options: {
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const names = flags.only === undefined ? Object.keys(MEASUREMENTS) : flags.only.split(",");
  const unknown = names.filter((name) => !Object.hasOwn(MEASUREMENTS, name));
  if (unknown.length > 0) return refuse(`"${unknown.join(",")}" is none of ${Object.keys(MEASUREMENTS).join(", ")}.`);
  if (flags.write && (flags.quick || flags.only !== undefined)) return refuse("--write is for a whole run.");

  mkdirSync(BASE, { recursive: true });
  const folder = mkdtempSync(join(BASE, "run-"));
  const print = (line: string): void => void (flags.json || console.log(line));
  const rows: Row[] = [];
  try {
    const machine = describeMachine(folder);
    print(`${machine.join("\n")}\n`);
    for (const name of names) {
      const measure = MEASUREMENTS[name];
      if (measure === undefined) continue;
      for await (const row of measure({ scale: flags.quick ? QUICK : FULL, folder })) {
        rows.push(row);
        print(toLine(row));
      }
    }
    if (flags.json) console.log(JSON.stringify({ machine, rows }, undefined, 2));
    if (flags.write) writeReadme(machine, rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

function refuse(reason: string): number {
  console.error(reason);
  return 2;
}
