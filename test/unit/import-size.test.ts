import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { bundle } from "../support/bundle.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What an import may load at most: modules of ours, and their size as one minified file. */
interface Budget {
  readonly modules: number;
  readonly bytes: number;
}

const { imports: BUDGETS } = JSON.parse(
  readFileSync(new URL("../../scripts/budgets.json", import.meta.url), "utf8"),
) as {
  readonly imports: Readonly<Record<string, Budget>>;
};

interface Loaded {
  readonly modules: readonly string[];
  readonly builtIn: ReadonlySet<string>;
  readonly bytes: number;
}

/** All that an entry point of the sources loads, dynamic imports among it. */
async function loadedBy(entry: string): Promise<Loaded> {
  const { metafile, outputFiles = [] } = await bundle({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    minify: true,
    write: false,
    outfile: "one.js",
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return {
    modules: Object.keys(metafile.inputs),
    builtIn: new Set(imports.filter(({ external }) => external).map(({ path }) => path)),
    bytes: outputFiles.reduce((sum, file) => sum + file.contents.byteLength, 0),
  };
}

describe("what an import loads", () => {
  it.each([
    ["stage3queue/tasks", "src/tasks.ts"],
    ["stage3queue", "src/index.ts"],
  ])("%s stays within its budget of scripts/budgets.json", async (name, entry) => {
    const { modules, bytes } = await loadedBy(entry);
    expect(modules.length).toBeLessThanOrEqual(BUDGETS[name]?.modules ?? 0);
    expect(bytes).toBeLessThanOrEqual(BUDGETS[name]?.bytes ?? 0);
  });

  it("is nothing of the Engine for a tasks module", async () => {
    const { modules, builtIn } = await loadedBy("src/tasks.ts");
    expect(modules.filter((path) => !/^src\/(?:core|tasks)\/|^src\/tasks\.ts$/u.test(path))).toEqual([]);
    expect([...builtIn]).toEqual(["node:async_hooks"]);
  });

  it("is no package, no storage, no server and no child process for an application that enqueues", async () => {
    const { modules, builtIn } = await loadedBy("src/index.ts");
    expect(modules.filter((path) => /node_modules|^src\/(?:http|cli|storage)\//u.test(path))).toEqual([]);
    for (const name of ["node:sqlite", "node:http", "node:net", "node:child_process"])
      expect(builtIn).not.toContain(name);
  });
});
