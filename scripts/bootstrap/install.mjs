import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { modules, node, root, run } from "./run.mjs";
import { hashOf, isStamped, stamp } from "./stamp.mjs";

const stampFile = join(modules, ".stage3-installed");
const lockFolder = join(root, ".bootstrap", "install.lock");

/** Installs with `npm ci`, unless node_modules already holds what package-lock.json says. */
export async function ensureInstalled() {
  if (isInstalled()) return;
  await withLock(lockFolder, async () => {
    if (isInstalled()) return;
    console.error("Installing dependencies …");
    rmSync(stampFile, { force: true });
    // Without `--include=dev` a NODE_ENV of production would leave out the tools.
    const code = await run(npm(), ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"], {
      quiet: true,
    });
    if (code !== 0) throw new Error(`"npm ci" failed with exit code ${code}; its messages are above.`);
    if (!existsSync(node)) {
      throw new Error(`"npm ci" brought no ${node}. Allow the install script of the package "node" and try again.`);
    }
    stamp(stampFile, wanted());
  });
}

function isInstalled() {
  return isStamped(stampFile, wanted()) && existsSync(node);
}

function wanted() {
  return `${hashOf(["package-lock.json"])} ${process.platform}-${process.arch}`;
}

/** Under `npm run`, the npm that runs it; otherwise the one on the PATH. */
export function npm() {
  const entry = process.env["npm_execpath"];
  if (entry !== undefined && /npm-cli\.c?js$/u.test(entry)) return [process.execPath, entry];
  return [process.platform === "win32" ? "npm.cmd" : "npm"];
}
