import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Stage3Error } from "../core/errors.ts";
import { describeImportFailure } from "../tasks/import-failure.ts";
import { oneLine } from "./message-of.ts";

const NAMES = ["ts", "mts", "js", "mjs"].map((extension) => `stage3queue.config.${extension}`);

/** The default export of a configuration file, not yet checked. */
export interface ConfigFile {
  readonly path: string;
  readonly config: unknown;
}

/**
 * Loads the named configuration file, or the one in `folder`; undefined where none is named and there is none.
 *
 * @throws Stage3Error `INVALID_OPTION` for one that is missing, cannot be imported, or has no default export.
 */
export async function loadConfigFile(folder: string, named?: string): Promise<ConfigFile | undefined> {
  const path = named === undefined ? findConfigFile(folder) : resolve(folder, named);
  if (path === undefined) return undefined;
  if (!existsSync(path)) throw invalid(`There is no configuration file ${path}.`);
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(path).href)) as typeof module;
  } catch (error) {
    const message = await describeImportFailure(error, pathToFileURL(path).href);
    throw invalid(`The configuration file ${path} cannot be imported: ${oneLine(message)}`, error);
  }
  if (module.default === undefined) {
    throw invalid(`The configuration file ${path} has no default export; write "export default defineConfig({ … })".`);
  }
  return { path, config: module.default };
}

function findConfigFile(folder: string): string | undefined {
  return NAMES.map((name) => resolve(folder, name)).find((path) => existsSync(path));
}

function invalid(message: string, cause?: unknown): Stage3Error {
  return new Stage3Error("INVALID_OPTION", message, { cause });
}
