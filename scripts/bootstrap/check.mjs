import { join } from "node:path";
import { build } from "./build.mjs";
import { checkPackage } from "./check-package.mjs";
import { node, run, tool } from "./run.mjs";
import { runTests } from "./tests.mjs";

/**
 * Everything that must hold, in the order in which it is quickest to repair.
 *
 * @type {{ name: string, run: (args: string[]) => Promise<number> }[]}
 */
const steps = [
  { name: "format", run: () => run(tool("oxfmt"), ["--check"]) },
  // Before the lint: examples that are projects of their own see the package as it is built.
  { name: "build", run: () => build().then(() => 0) },
  { name: "lint", run: () => run(tool("oxlint"), ["--type-aware", "--deny-warnings"]) },
  { name: "types", run: () => run(tool("tsc"), ["-p", "tsconfig.json"]) },
  { name: "unused code", run: () => run(tool("knip"), []) },
  { name: "structure", run: () => run([node, join("scripts", "structure.mjs")], []) },
  { name: "package", run: checkPackage },
  { name: "test", run: runTests },
];

/**
 * Runs every step, also after one has failed, and names the failed ones at the end.
 *
 * @param {string[]} args Go to the tests.
 * @returns {Promise<number>}
 */
export async function check(args) {
  const failed = [];
  for (const step of steps) {
    console.log(`\n── ${step.name}`);
    if (!(await passes(step, args))) failed.push(step.name);
  }
  if (failed.length === 0) {
    console.log("\nAll checks passed.");
    return 0;
  }
  console.error(`\nFailed: ${failed.join(", ")}.`);
  return 1;
}

/**
 * @param {(typeof steps)[number]} step
 * @param {string[]} args
 */
async function passes(step, args) {
  try {
    return (await step.run(args)) === 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  }
}
