// Runs the project on a machine that has only git, npm and Node 20 or newer:
//
//   node scripts/bootstrap.mjs start|test|check|bench|build|format [arguments]
//
// `npm start` says `exec`, because npm signals only its shell, which would not pass the signal on.
//
// It installs when node_modules does not match package-lock.json, builds when the sources have changed, and hands
// over to the Node that the dev dependency `node` brings. No dependencies: this file runs before they exist.
import { join } from "node:path";
import { build } from "./bootstrap/build.mjs";
import { check } from "./bootstrap/check.mjs";
import { ensureInstalled } from "./bootstrap/install.mjs";
import { run, runNode, tool } from "./bootstrap/run.mjs";
import { runTests } from "./bootstrap/tests.mjs";

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const targets = {
  async start(args) {
    await build();
    const config = args.includes("--config") ? [] : ["--config", join("examples", "app", "stage3queue.config.ts")];
    return runNode([join("bin", "stage3queue.js"), "start", ...config, ...args]);
  },
  async test(args) {
    await build();
    return runTests(args);
  },
  check,
  async bench(args) {
    await build();
    return runNode([join("bench", "main.ts"), ...args]);
  },
  async build() {
    await build();
    return 0;
  },
  async format(args) {
    return run(tool("oxfmt"), args);
  },
};

const [name = "", ...args] = process.argv.slice(2);
const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
if (target === undefined) {
  console.error(`Unknown target "${name}". Use one of: ${Object.keys(targets).join(", ")}.`);
  process.exit(2);
}
try {
  await ensureInstalled();
  process.exitCode = await target(args);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
