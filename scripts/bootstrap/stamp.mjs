import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.mjs";

/**
 * A hash over files and folders, names and contents: a time of change would miss a `git checkout` and fire on a touch.
 *
 * @param {string[]} paths Relative to the repository; what does not exist counts as such.
 */
export function hashOf(paths) {
  const hash = createHash("sha256");
  for (const file of paths.flatMap(filesOf)) {
    const content = readIfPresent(join(root, file));
    hash.update(`${file}\0${content === undefined ? "absent" : content.length}\0`);
    if (content !== undefined) hash.update(content);
  }
  return hash.digest("hex");
}

/**
 * @param {string} file
 * @param {string} hash
 */
export function isStamped(file, hash) {
  return readIfPresent(file)?.toString() === hash;
}

/**
 * @param {string} file
 * @param {string} hash
 */
export function stamp(file, hash) {
  writeFileSync(file, hash);
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesOf(path) {
  try {
    return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .toSorted();
  } catch {
    return [path]; // a file, or nothing yet: reading it tells
  }
}

/** @param {string} file */
function readIfPresent(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
