import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { npmEnvironment } from "./npm-environment.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const CONSUMER = fileURLToPath(new URL("../fixtures/consumer/", import.meta.url));

/** A project of somebody else's, with the packed package in it. */
export interface PackedProject {
  readonly folder: string;
  readonly remove: () => Promise<void>;
}

/** Packs the package as it is published, and installs it into an empty project. */
export async function packedProject(): Promise<PackedProject> {
  const place = mkdtempSync(join(tmpdir(), "packed-"));
  const remove = (): Promise<void> => rm(place, { recursive: true, force: true, maxRetries: 5 });
  try {
    const folder = join(place, "project");
    mkdirSync(folder);
    await pack(place);
    const tarball = readdirSync(place).find((name) => name.endsWith(".tgz")) ?? "";
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
    const flags = ["--no-audit", "--no-fund", "--prefer-offline"];
    await run("npm", ["install", ...flags, join(place, tarball)], { cwd: folder, env: npmEnvironment() });
    cpSync(CONSUMER, folder, { recursive: true });
    return { folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** With a cache of its own: a run beside this one must not see half of what it writes. */
async function pack(place: string): Promise<void> {
  const flags = ["--ignore-scripts", "--pack-destination", place, "--cache", join(place, "cache")];
  await run("npm", ["pack", ...flags], { cwd: ROOT, env: npmEnvironment() });
}
