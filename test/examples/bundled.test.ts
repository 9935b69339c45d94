import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { bundle } from "../support/bundle.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const EXAMPLE = join(ROOT, "examples", "bundle");

/** An empty project in which the package is installed. */
function project(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules", "stage3queue"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  return folder;
}

function text(folder: string, file: string): string {
  return readFileSync(join(folder, file), "utf8");
}

describe("an application bundled by esbuild", () => {
  test.each([
    ["with the line of the docs", [], "app.js"],
    ["to .mjs", ["--out-extension:.js=.mjs"], "app.mjs"],
  ])("runs when it was built %s", async (_how, more, file) => {
    const folder = project();
    const [line = ""] = /^npx esbuild .*$/mu.exec(readFileSync(join(ROOT, "docs", "embedding.md"), "utf8")) ?? [];
    const [, , ...words] = line.split(" ");
    const flags = words.filter((word) => word.startsWith("--") && !word.startsWith("--outdir="));
    expect(flags).toContain("--external:stage3queue");
    await run(
      join(ROOT, "node_modules", ".bin", "esbuild"),
      ["app.ts", "tasks.ts", ...flags, ...more, `--outdir=${folder}`],
      {
        cwd: EXAMPLE,
      },
    );
    const { stdout, stderr } = await run(process.execPath, [file], { cwd: folder, timeout: 15_000 });
    expect({ stdout, stderr }).toEqual({ stdout: "Hello, Ada\n1\n", stderr: "" });
  });

  test("runs with tasks that hold a copy of stage3queue/tasks", async () => {
    const folder = project();
    await bundle({ entryPoints: [join(EXAMPLE, "app.ts")], outdir: folder, external: ["stage3queue"] });
    await bundle({ entryPoints: [join(EXAMPLE, "tasks.ts")], outdir: folder });
    expect(text(folder, "tasks.js")).not.toMatch(/from "stage3queue/u);
    const { stdout, stderr } = await run(process.execPath, ["app.js"], { cwd: folder, timeout: 15_000 });
    expect({ stdout, stderr }).toEqual({ stdout: "Hello, Ada\n1\n", stderr: "" });
  });

  test.each([
    ["ES module", "esm", "app.js"],
    ["CommonJS module", "cjs", "app.cjs"],
  ] as const)("says what to do where the package became part of an %s", async (_what, format, file) => {
    const folder = project();
    const program = `
      import { Stage3Queue } from "stage3queue";
      Stage3Queue.open({ database: "memory:", tasks: { greet: () => 1 } }).catch((error) => console.log(error.code, error.message));
    `;
    // What an application could have there itself: it must not be taken for the Engine's thread.
    writeFileSync(join(folder, "entry.js"), 'console.log("not mine")');
    await bundle({ stdin: { contents: program, resolveDir: folder }, outfile: join(folder, file), format });
    const { stdout, stderr } = await run(process.execPath, [file], { cwd: folder, timeout: 15_000 });
    expect(stdout).toMatch(/^PACKAGE_INCOMPLETE .*--external:stage3queue for esbuild/u);
    expect(stdout).not.toContain("not mine");
    expect(stderr).toBe("");
  });
});
