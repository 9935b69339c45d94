import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { loadConfigFile } from "../../../src/cli/config-file.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

it.each(["ts", "mts", "js", "mjs"])("finds a .%s file in the folder", async (extension) => {
  const path = write(`stage3queue.config.${extension}`, 'export default { database: "memory:" };');
  expect(await loadConfigFile(folder)).toEqual({ path, config: { database: "memory:" } });
});

it("takes types in a .ts file", async () => {
  write("stage3queue.config.ts", 'const database: string = "memory:"; export default { database };');
  expect(await loadConfigFile(folder)).toMatchObject({ config: { database: "memory:" } });
});

it("is content where there is none and none is named", async () => {
  expect(await loadConfigFile(folder)).toBeUndefined();
});

it("loads the named file, from the folder, instead of the one that lies there", async () => {
  write("stage3queue.config.ts", "export default { database: 'memory:' };");
  const path = write("other.mjs", "export default { lease: 1 };");
  expect(await loadConfigFile(folder, "other.mjs")).toEqual({ path, config: { lease: 1 } });
  expect(await loadConfigFile("/", path)).toEqual({ path, config: { lease: 1 } });
});

it("refuses a named file that is missing", async () => {
  await expect(loadConfigFile(folder, "missing.ts")).rejects.toMatchObject({
    code: "INVALID_OPTION",
    message: `There is no configuration file ${join(folder, "missing.ts")}.`,
  });
});

it.each([
  ["nothing", "export const database = 1;", /has no default export; write "export default defineConfig/],
  ["what is no JavaScript", "export default {", /cannot be imported: /],
  [
    "code that throws",
    'throw new Error("no network\\nat all");',
    /cannot be imported: no network at all \(at .*\.mjs:\d+:\d+\)\. Correct that file, or what it imports\.$/,
  ],
  ["a missing import", 'import "./missing.mjs";', /cannot be imported: Cannot find/],
])("refuses a file with %s", async (_what, text, message) => {
  write("stage3queue.config.mjs", text);
  await expect(loadConfigFile(folder)).rejects.toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringMatching(message) as string,
  });
});
