import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, run, tool } from "./run.mjs";

const compiled = join(root, ".bootstrap", "compiled");

/** @returns {readonly string[]} */
function onlyInLongForms() {
  /** @type {unknown} */
  const budgets = JSON.parse(readFileSync(join(root, "scripts", "budgets.json"), "utf8"));
  return /** @type {{ onlyInLongForms: string[] }} */ (budgets).onlyInLongForms;
}

/**
 * Runs the tests: of a whole run all but those that have only a long form, which .ci/run adds; else what is named.
 *
 * They start hundreds of processes and threads that all load the same sources: what Node has compiled for one is kept
 * for the others, which halves the time of the processor. Each run begins without it.
 *
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export function runTests(args) {
  rmSync(compiled, { recursive: true, force: true });
  const isShort = process.env["STAGE3_LONG"] !== "1" && args.every((arg) => arg.startsWith("-"));
  if (isShort) console.log(`Left to the long forms of .ci/run:\n  ${onlyInLongForms().join("\n  ")}`);
  const env = { NODE_COMPILE_CACHE: compiled, ...(isShort ? { STAGE3_SHORT: "1" } : {}) };
  return run(tool("vitest"), ["run", ...args], { env });
}
