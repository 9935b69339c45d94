import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { root, run, tool } from "./run.mjs";
import { hashOf, isStamped, stamp } from "./stamp.mjs";

const dist = join(root, "dist");
const stampFile = join(dist, ".built");
const inputs = ["src", "proof", "tsconfig.json", "tsconfig.build.json", "package-lock.json"];

/**
 * Compiles src and proof to dist when a source has changed. It is written to a folder of its own that then takes dist's place,
 * so that nobody ever sees half a build.
 */
export async function build() {
  if (isStamped(stampFile, hashOf(inputs))) return;
  await withLock(join(root, ".bootstrap", "build.lock"), async () => {
    const hash = hashOf(inputs);
    if (isStamped(stampFile, hash)) return;
    if (!existsSync(join(root, "src"))) throw new Error("There is nothing to build: the folder src is missing.");
    const fresh = join(root, `.dist-${process.pid}`);
    rmSync(fresh, { recursive: true, force: true });
    try {
      const code = await run(tool("tsc"), ["-p", "tsconfig.build.json", "--outDir", fresh], { quiet: true });
      if (code !== 0) throw new Error("The build failed; the compiler's messages are above.");
      mkdirSync(fresh, { recursive: true });
      stamp(join(fresh, ".built"), hash);
      replace(dist, fresh);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  });
}

/**
 * @param {string} target
 * @param {string} source
 */
function replace(target, source) {
  const old = `${source}-old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(target)) renameSync(target, old);
  renameSync(source, target);
  rmSync(old, { recursive: true, force: true });
}
