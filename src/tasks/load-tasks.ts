import { Stage3Error } from "../core/errors.ts";
import { describeImportFailure } from "./import-failure.ts";
import { defaultExportOf, readTasks, type ReadTask } from "./read-tasks.ts";

/**
 * Imports the tasks module at `url`, and reads its functions.
 *
 * @throws Stage3Error `INVALID_OPTION`, its cause being what the module threw.
 */
export async function loadTasks(url: string): Promise<Map<string, ReadTask>> {
  return readTasks(defaultExportOf(await importModule(url)));
}

async function importModule(url: string): Promise<unknown> {
  try {
    return (await import(url)) as unknown;
  } catch (cause) {
    const message = await describeImportFailure(cause, url);
    throw new Stage3Error("INVALID_OPTION", `The tasks module ${url} cannot be imported: ${message}`, { cause });
  }
}
