import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Stage3Error } from "../../../core/errors.ts";

/**
 * Makes a folder and those that it lies in, as far as they are missing; answers with what it has made, outermost first.
 * One by one: below `/proc`, where nothing can be made, Node's own way to make several goes on for ever.
 *
 * @throws Stage3Error `DATABASE_UNAVAILABLE` where it cannot be made.
 */
export function makeFolder(folder: string): string[] {
  try {
    return missingFolders(folder).filter(makeOne);
  } catch (error) {
    const message = `The folder ${folder} cannot be made; make it yourself, or name another file in \`database\`.`;
    throw new Stage3Error("DATABASE_UNAVAILABLE", message, { cause: error });
  }
}

/** Outermost first. */
function missingFolders(folder: string): string[] {
  const missing: string[] = [];
  for (let path = folder; !isFolder(path) && path !== dirname(path); path = dirname(path)) missing.unshift(path);
  return missing;
}

/** False where somebody else has made it meanwhile. */
function makeOne(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (isFolder(folder)) return false;
    throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
