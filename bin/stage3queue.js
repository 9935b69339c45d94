#!/usr/bin/env node
import process from "node:process";
import { nodeVersionProblem } from "../dist/src/core/node-version.js";

const problem = nodeVersionProblem(process.versions.node);
if (problem === undefined) {
  void run();
} else {
  console.error(problem);
  process.exitCode = 1;
}

async function run() {
  // Imported only now, and by a name that is looked up only now: an old Node cannot even read it.
  const entry = new URL("../dist/src/cli/main.js", import.meta.url).href;
  const { main } = /** @type {typeof import("../src/cli/main.ts")} */ (await import(entry));
  exitOnceWritten(await main(process.argv.slice(2)));
}

/**
 * Ends the process once all output is written; what the tasks module has left open does not hold it.
 *
 * @param {number} code
 */
function exitOnceWritten(code) {
  process.stderr.write("", () => process.stdout.write("", () => process.exit(code)));
}
