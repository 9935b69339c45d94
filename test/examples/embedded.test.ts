import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";

const run = promisify(execFile);

test("the example of embedding runs to its end by itself", async () => {
  const folder = temporaryFolder();
  const script = fileURLToPath(new URL("../../examples/app/embedded.ts", import.meta.url));
  const { stdout, stderr } = await run(process.execPath, [script], { cwd: folder });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^finished \{\s+path: 'data\/reports\/[\da-f-]+\.html',\s+rows: 432,/u);
  expect(await readdir(join(folder, "data", "reports"))).toHaveLength(1);
});
