import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const pollMs = 50;
/** Between making the folder and writing its owner's pid a healthy owner needs far less. */
const unownedMs = 5_000;

/**
 * Runs `work` while holding a lock that is a folder: making one is atomic everywhere. A lock whose owner has died is
 * taken over.
 *
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, work) {
  mkdirSync(dirname(folder), { recursive: true });
  while (!take(folder)) {
    if (isAbandoned(folder)) rmSync(folder, { recursive: true, force: true });
    else await wait(pollMs);
  }
  const release = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

/** @param {string} folder */
function take(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
  writeFileSync(join(folder, "pid"), String(process.pid));
  return true;
}

/** @param {string} folder */
function isAbandoned(folder) {
  try {
    const pid = Number.parseInt(readFileSync(join(folder, "pid"), "utf8"), 10);
    if (Number.isNaN(pid)) return ageMs(folder) > unownedMs;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    if (codeOf(error) === "ESRCH") return true;
    return codeOf(error) === "ENOENT" && ageMs(folder) > unownedMs;
  }
}

/** @param {string} folder */
function ageMs(folder) {
  const stat = statSync(folder, { throwIfNoEntry: false });
  return stat === undefined ? 0 : Date.now() - stat.mtimeMs;
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
