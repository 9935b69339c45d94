import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { npm } from "./install.mjs";
import { run, tool } from "./run.mjs";

/**
 * Whether the package is one that others can use: what package.json says is there, and types and code of every export
 * are found by whoever imports it. It packs what is built; nothing is asked of the network.
 *
 * @returns {Promise<number>}
 */
export async function checkPackage() {
  const folder = mkdtempSync(join(tmpdir(), "stage3queue-pack-"));
  try {
    const packed = await run(npm(), [
      "pack",
      "--ignore-scripts",
      "--offline",
      "--silent",
      "--pack-destination",
      folder,
    ]);
    const [tarball] = readdirSync(folder);
    if (packed !== 0 || tarball === undefined) throw new Error('"npm pack" made no tarball; its messages are above.');
    const published = await run(tool("publint"), ["--strict"]);
    // "esm-only": the package is for Node 22.18 and newer, has no CommonJS build, and says so. Left out are thus the
    // resolution of old Node, which knows no exports, and the warning that a `require` meets an ES module: those
    // versions of Node load one.
    const typed = await run(tool("attw"), [join(folder, tarball), "--profile", "esm-only", "--format", "ascii"]);
    return published || typed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
