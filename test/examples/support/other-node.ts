import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { npmEnvironment } from "./npm-environment.ts";

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL("../../../.bootstrap/node/", import.meta.url));

/**
 * The executable of another version of Node. It comes from npm's packages of Node, one a platform, and is kept in a
 * folder that `npm ci` leaves alone. Not a dependency: it would need one of them for each platform.
 */
export async function otherNode(version: string): Promise<string> {
  const name = packageName(process.platform, process.arch);
  const folder = join(CACHE, version);
  const executable = join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(executable)) await install(`${name}@${version}`, folder);
  return executable;
}

/** Beside its place, which it takes when it is complete: an interrupted one is not taken for whole. */
async function install(what: string, folder: string): Promise<void> {
  const fresh = `${folder}-${process.pid}`;
  try {
    mkdirSync(fresh, { recursive: true });
    writeFileSync(join(fresh, "package.json"), '{"private":true}');
    const flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
    await run("npm", ["install", ...flags, what], { cwd: fresh, env: npmEnvironment() });
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function packageName(platform: NodeJS.Platform, architecture: string): string {
  const prefix = platform === "darwin" && architecture === "arm64" ? "node-bin" : "node";
  return [prefix, platform === "win32" ? "win" : platform, architecture].join("-");
}
