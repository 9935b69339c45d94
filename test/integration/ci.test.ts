import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";

const CI = fileURLToPath(new URL("../../scripts/ci.mjs", import.meta.url));

/** A check that ends as soon as it is told to, and starts a program that does not. */
const CHECK = `
import { spawn } from "node:child_process";
const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1_000); console.log('pid ' + process.pid);";
spawn(process.execPath, ["--eval", stubborn], { stdio: "inherit" });
`;

/** A project whose check is followed by one long form. */
function project(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "scripts"));
  cpSync(CI, join(folder, "scripts", "ci.mjs"));
  const longForms = [{ name: "long form", files: ["some.test.ts"], minutes: 1 }];
  const budgets = { totalMinutes: 1, checkMinutes: 1, longMinutes: 1, graceSeconds: 0.5, longForms };
  writeFileSync(join(folder, "scripts", "budgets.json"), JSON.stringify(budgets));
  const scripts = { check: "node check.mjs", test: "echo" };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ scripts }));
  writeFileSync(join(folder, "check.mjs"), CHECK);
  return folder;
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.each(["SIGTERM", "SIGINT"] as const)("%s ends a whole run, with all that its step has started", async (signal) => {
  const folder = project();
  const ci = spawn(process.execPath, [join(folder, "scripts", "ci.mjs")], {
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" }, // npm would leave one among the temporary files
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(ci, "exit");
  const lines: string[] = [];
  let stubborn = 0;
  onTestFinished(() => {
    ci.kill("SIGKILL");
    if (stubborn > 0 && isThere(stubborn)) process.kill(stubborn, "SIGKILL");
  });
  // It ends when nobody is left who could write: so also the stubborn one is gone by then.
  for await (const line of createInterface(ci.stdout)) {
    lines.push(line);
    if (!line.startsWith("pid ")) continue;
    stubborn = Number(line.slice("pid ".length));
    ci.kill(signal);
  }
  stubborn = 0;
  expect(await exited).toEqual([1, null]);
  expect(lines.filter((line) => line.includes("long form"))).toEqual([]);
  expect(lines.at(-1)).toBe("0 passed, 0 failed");
});
