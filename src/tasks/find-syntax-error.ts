import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** A module and what it imports are searched so far. */
const MOST_FILES = 50;
const LONGEST_CHECK_MS = 5_000;

/**
 * What `node --check` says of the first file that cannot be parsed, the module at `url` or one that it imports; empty
 * where it finds none. An error of the import itself does not tell which file it is about.
 */
export async function findSyntaxError(url: string): Promise<string> {
  const files = [url];
  // Grows meanwhile by what the files import.
  for (const file of files) {
    if (!file.startsWith("file:")) continue;
    const report = /\.[cm]?js$/u.test(file) ? await check(fileURLToPath(file)) : "";
    if (report !== "") return report;
    await addImportsOf(file, files);
  }
  return "";
}

/** Parses one file without running it. */
function check(path: string): Promise<string> {
  // Not imported: an application that only enqueues is to load no child processes.
  const { execFile } = process.getBuiltinModule("node:child_process");
  return new Promise((resolve) => {
    execFile(process.execPath, ["--check", path], { timeout: LONGEST_CHECK_MS }, (error, _stdout, stderr) =>
      resolve(error === null ? "" : stderr),
    );
  });
}

/** Adds the files that a file imports by a relative path. */
async function addImportsOf(file: string, files: string[]): Promise<void> {
  const text = await readFile(fileURLToPath(file), "utf8").catch(() => "");
  for (const [, path = ""] of text.matchAll(/\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/gu)) {
    const { href } = new URL(path, file);
    if (!files.includes(href) && files.length < MOST_FILES) files.push(href);
  }
}
