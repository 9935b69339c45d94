import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));
export const modules = join(root, "node_modules");

/** The Node that the project is developed on, whatever the machine's own is. */
export const node = join(modules, "node", "bin", process.platform === "win32" ? "node.exe" : "node");

/**
 * The environment of everything that is started here: without the settings that npm hands to its scripts (a nested
 * npm would take them for its own), and with the project's Node first on the PATH.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function environment() {
  const kept = Object.entries(process.env).filter(([key]) => !/^npm_/iu.test(key) && key !== "INIT_CWD");
  const path = [join(modules, "node", "bin"), join(modules, ".bin"), process.env["PATH"] ?? ""].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path };
}

/**
 * Runs a command with this process's input and output, and passes SIGTERM and SIGINT on to it.
 *
 * @param {string[]} command The program, and the arguments that come before all others.
 * @param {string[]} args
 * @param {{ quiet?: boolean, env?: NodeJS.ProcessEnv }} [options] `quiet`: what it prints goes to stderr, so that
 * stdout stays the target's. `env`: more of the environment.
 * @returns {Promise<number>} Its exit code; 128 + n when signal n ended it.
 */
export function run([program = "", ...first], args, options = {}) {
  return new Promise((done, failed) => {
    const child = spawn(program, [...first, ...args], {
      cwd: root,
      env: { ...environment(), ...options.env },
      stdio: ["inherit", options.quiet ? 2 : "inherit", "inherit"],
    });
    const forward = forwardSignals(child);
    child.once("error", (error) => {
      forward.stop();
      failed(new Error(`Cannot run ${program}: ${error.message}`));
    });
    child.once("exit", (code, signal) => {
      forward.stop();
      done(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/**
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export function runNode(args) {
  return run([node], args);
}

/** The entry of each tool, run by the project's Node, so that no shell and no PATH decides which Node it gets. */
const entries = {
  attw: ["@arethetypeswrong", "cli", "dist", "index.js"],
  knip: ["knip", "bin", "knip.js"],
  oxfmt: ["oxfmt", "bin", "oxfmt"],
  oxlint: ["oxlint", "bin", "oxlint"],
  publint: ["publint", "src", "cli.js"],
  tsc: ["typescript", "bin", "tsc"],
  vitest: ["vitest", "vitest.mjs"],
};

/**
 * @param {keyof typeof entries} name
 * @returns {string[]}
 */
export function tool(name) {
  return [node, join(modules, ...entries[name])];
}

/** A signal to the whole group arrives here twice when npm, which passes it on as well, stands in between. */
const sameSignalMs = 100;

/**
 * SIGTERM goes on to the child. A SIGINT from a terminal has reached the child already, since it is in the same
 * process group; one sent to this process alone has not. A second signal means "at once", so none must be doubled.
 *
 * @param {import("node:child_process").ChildProcess} child
 */
function forwardSignals(child) {
  let lastAt = -Infinity;
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    const now = performance.now();
    const isRepeated = now - lastAt < sameSignalMs;
    lastAt = now;
    if (isRepeated || (signal === "SIGINT" && process.stdin.isTTY)) return;
    child.kill(signal);
  };
  process.on("SIGTERM", forward);
  process.on("SIGINT", forward);
  return {
    stop() {
      process.off("SIGTERM", forward);
      process.off("SIGINT", forward);
    },
  };
}
