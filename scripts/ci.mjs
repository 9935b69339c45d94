// Runs the check, then the long form of the tests that have one, each within its budget (scripts/budgets.json), and
// ends with one line that sums all test runs: "N passed, N failed". Started by .ci/run. No dependencies.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/**
 * @typedef {{ name: string, files: string[], minutes: number }} LongForm
 * @typedef {{ totalMinutes: number, checkMinutes: number, longMinutes: number, graceSeconds: number, longForms: LongForm[] }} Budgets
 * @typedef {{ status: string, assertionResults: unknown[] }} FileResult
 * @typedef {{ numPassedTests: number, numFailedTests: number, testResults: FileResult[] }} VitestReport
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const reports = join(root, ".reports");
const msPerMinute = 60_000;
const pollMs = 50;

/** @type {Budgets} */
const budgets = readJson(join(root, "scripts", "budgets.json"));
const startedAt = new Date();
const deadline = startedAt.getTime() + budgets.totalMinutes * msPerMinute;
/** After SIGTERM, until SIGKILL. */
const graceMs = budgets.graceSeconds * 1_000;
const sum = { passed: 0, failed: 0 };
let ok = true;
/** By a signal: no other step is begun. */
let isInterrupted = false;

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports);
await step({ name: "check", script: "check", files: [], until: deadlineIn(budgets.checkMinutes), env: {} });
// All of them together have a budget as well, which is less than the sum of their own.
const longDeadline = deadlineIn(budgets.longMinutes);
for (const { name, files, minutes } of budgets.longForms) {
  if (isInterrupted) break;
  const until = Math.min(deadlineIn(minutes), longDeadline);
  await step({ name, script: "test", files, until, env: { STAGE3_LONG: "1" } });
}
if (sum.passed + sum.failed === 0) {
  ok = false;
  console.error("No test ran.");
}
const isGreen = ok && sum.failed === 0;
process.exitCode = isGreen ? 0 : 1;
writeFileSync(join(reports, "run.json"), JSON.stringify({ commit: commitNow(), startedAt, isGreen, ...sum }));
console.log(`${sum.passed} passed, ${sum.failed} failed`);

/**
 * The time in so many minutes, or when the whole run has to be over.
 *
 * @param {number} minutes
 */
function deadlineIn(minutes) {
  return Math.min(Date.now() + minutes * msPerMinute, deadline);
}

/** What is tried here; undefined outside a repository. */
function commitNow() {
  try {
    const show = ["show", "--no-patch", "--format=%h"];
    return execFileSync("git", show, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

/**
 * @param {{ name: string, script: string, files: string[], until: number, env: Record<string, string> }} options
 */
async function step({ name, script, files, until, env }) {
  const stepStartedAt = Date.now();
  const budgetMs = Math.max(until - stepStartedAt, 0);
  console.log(`\n══ ${name} (at most ${(budgetMs / msPerMinute).toFixed(1)} min)`);
  const report = join(reports, `${name.replaceAll(/[^a-z0-9]+/giu, "-")}.json`);
  const args = ["run", script, ...(files.length > 0 ? ["--", ...files] : [])];
  const code = await runNpm(args, { budgetMs, env: { ...env, STAGE3_REPORT: report } });
  if (code !== 0) {
    ok = false;
    console.error(`${name} failed with exit code ${code}.`);
  }
  count(report, name);
  console.log(`${name} took ${Math.round((Date.now() - stepStartedAt) / 1_000)} s.`);
}

/**
 * In a process group of its own, so that a run over its budget ends as a whole.
 *
 * @param {string[]} args
 * @param {{ budgetMs: number, env: Record<string, string> }} options
 * @returns {Promise<number>}
 */
function runNpm(args, { budgetMs, env }) {
  return new Promise((done, failed) => {
    const child = spawn("npm", args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
      detached: true,
    });
    let isEnding = false;
    /** @param {NodeJS.Signals} signal */
    const end = (signal) => {
      isEnding = true;
      signalGroup(child.pid, signal);
    };
    /** @param {NodeJS.Signals} signal */
    const interrupt = (signal) => {
      isInterrupted = true;
      end(signal);
    };
    const timers = [
      setTimeout(() => {
        console.error(`Over its budget: it is ended after ${Math.round(budgetMs / 1_000)} s.`);
        end("SIGTERM");
      }, budgetMs),
      setTimeout(() => end("SIGKILL"), budgetMs + graceMs),
    ];
    process.on("SIGINT", interrupt);
    process.on("SIGTERM", interrupt);
    child.once("error", failed);
    /** @param {number | null} code */
    const over = async (code) => {
      for (const timer of timers) clearTimeout(timer);
      if (isEnding) await endGroup(child.pid);
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", interrupt);
      done(code ?? 1);
    };
    child.once("exit", (code) => void over(code));
  });
}

/**
 * Gives what npm has left behind its time to end, and kills the rest.
 *
 * @param {number | undefined} group
 */
async function endGroup(group) {
  const killAt = Date.now() + graceMs;
  while (Date.now() < killAt && signalGroup(group, 0)) await wait(pollMs);
  signalGroup(group, "SIGKILL");
}

/**
 * @param {number | undefined} group
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} Whether there is anybody in the group.
 */
function signalGroup(group, signal) {
  try {
    return group !== undefined && process.kill(-group, signal);
  } catch {
    return false; // it is gone
  }
}

/**
 * @param {string} file
 * @param {string} name
 */
function count(file, name) {
  const report = readReport(file);
  if (report === undefined) {
    ok = false;
    console.error(`${name} left no test report.`);
    return;
  }
  sum.passed += report.numPassedTests;
  // A file that could not even be loaded has no tests to count, and is a failure all the same.
  const unloaded = report.testResults.filter((each) => each.status === "failed" && each.assertionResults.length === 0);
  sum.failed += report.numFailedTests + unloaded.length;
}

/**
 * @param {string} file
 * @returns {VitestReport | undefined}
 */
function readReport(file) {
  return existsSync(file) ? readJson(file) : undefined;
}

/**
 * @template T What the file holds, taken on trust: our own tools wrote it.
 * @param {string} file
 * @returns {T}
 */
function readJson(file) {
  /** @type {unknown} */
  const value = JSON.parse(readFileSync(file, "utf8"));
  return /** @type {T} */ (value);
}
