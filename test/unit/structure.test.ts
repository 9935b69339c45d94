import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkStructure } from "../../scripts/structure/check.mjs";
import { temporaryFolder } from "../support/temporary-folder.ts";

function errorsOf(files: Record<string, string>): string[] {
  const root = temporaryFolder();
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return checkStructure(root).errors;
}

test("accepts the repository's own direction of dependencies", () => {
  const errors = errorsOf({
    "src/index.ts": `export { open } from "./broker/open.ts";\nexport type { Task } from "./core/task.ts";`,
    "src/tasks.ts": `export * from "./tasks/current-task.ts";`,
    "src/core/task.ts": `export interface Task { readonly id: string }`,
    "src/tasks/current-task.ts": `import type { Task } from "../core/task.ts";\nexport declare const current: Task;`,
    "src/storage/open.ts": `import { sqlite } from "./sqlite/storage.ts";\nexport const storages = [sqlite];`,
    "src/storage/sqlite/storage.ts": `import { DatabaseSync } from "node:sqlite";\nexport const sqlite = DatabaseSync;`,
    "src/engine/engine.ts": `export { storages } from "../storage/open.ts";`,
    "src/broker/open.ts": `export const open = (): Promise<unknown> => import("../engine/engine.ts");`,
    "src/cli/start.ts": `import { serve } from "../http/serve.ts";\nserve();`,
    "src/http/serve.ts": `import { Hono } from "hono";\nexport const serve = (): Hono => new Hono();`,
  });
  expect(errors).toEqual([]);
});

describe("imports", () => {
  test.each([
    ["core", "storage", "core may not import storage"],
    ["tasks", "storage", "tasks may not import storage"],
    ["executor", "storage", "executor may not import storage"],
    ["storage", "engine", "storage may not import engine"],
    ["engine", "broker", "engine may not import broker"],
    ["http", "cli", "http may not import cli"],
    ["broker", "testing", "broker may not import testing"],
    ["testing", "http", "testing may not import http"],
  ])("%s may not import %s", (from, to, message) => {
    const errors = errorsOf({
      [`src/${from}/one.ts`]: `import type { Two } from "../${to}/two.ts";\nexport type One = Two;`,
      [`src/${to}/two.ts`]: `export type Two = 2;`,
    });
    expect(errors).toEqual([expect.stringContaining(`src/${from}/one.ts:1: ${message}`)]);
  });

  test("storages may not import each other", () => {
    const errors = errorsOf({
      "src/storage/memory/storage.ts": `export { rows } from "../sqlite/rows.ts";`,
      "src/storage/sqlite/rows.ts": `export const rows = 1;`,
    });
    expect(errors).toEqual([expect.stringContaining("a storage may not import another")]);
  });

  test("only one file of the sources may load what proves them, and only where it is needed", () => {
    const files = { "proof/index.ts": `export const prove = 1;`, "proof/chance.ts": `export const chance = 1;` };
    const loads = `import type { Prove } from "../../proof/index.ts";\nexport const load = () => import("../../proof/index.ts");`;
    expect(errorsOf({ ...files, "src/cli/run-torture.ts": loads })).toEqual([]);
    expect(errorsOf({ ...files, "src/cli/start.ts": loads })).toHaveLength(2);
    expect(errorsOf({ ...files, "src/cli/run-torture.ts": `export { prove } from "../../proof/index.ts";` })).toEqual([
      expect.stringContaining("load proof/index.ts where it is needed"),
    ]);
    expect(
      errorsOf({ ...files, "src/cli/run-torture.ts": `export const load = () => import("../../proof/chance.ts");` }),
    ).toEqual([expect.stringContaining("only proof/index.ts")]);
  });

  test("what proves the sources may import them, but not the command", () => {
    const errors = errorsOf({
      "proof/index.ts": `import type { One } from "../src/cli/one.ts";\nexport type { Two } from "../src/core/two.ts";`,
      "src/cli/one.ts": `export type One = 1;`,
      "src/core/two.ts": `export type Two = 2;`,
    });
    expect(errors).toEqual([expect.stringContaining("proof/index.ts:1: proof may not import cli")]);
  });

  test("the entry point for tasks modules reaches core and tasks only", () => {
    const errors = errorsOf({
      "src/tasks.ts": `export { run } from "./engine/run.ts";`,
      "src/engine/run.ts": `export const run = 1;`,
    });
    expect(errors).toEqual([expect.stringContaining("src/tasks.ts may not import engine")]);
  });

  test("types in the form of import() count", () => {
    const errors = errorsOf({
      "src/core/one.ts": `export type One = import("../cli/two.ts").Two;`,
      "src/cli/two.ts": `export type Two = 2;`,
    });
    expect(errors).toEqual([expect.stringContaining("core may not import cli")]);
  });

  test("a cycle of type imports is a cycle", () => {
    const errors = errorsOf({
      "src/core/one.ts": `import type { Two } from "./two.ts";\nexport type One = Two;`,
      "src/core/two.ts": `import type { One } from "./one.ts";\nexport type Two = One;`,
    });
    expect(errors).toEqual([
      expect.stringContaining("import cycle: src/core/one.ts -> src/core/two.ts -> src/core/one.ts"),
    ]);
  });

  test("a driver stays in its storage's folder, and extensions are written", () => {
    const errors = errorsOf({
      "src/engine/one.ts": `import { DatabaseSync } from "node:sqlite";\nimport { two } from "./two.js";`,
      "src/engine/two.ts": `export const two = 2;`,
    });
    expect(errors).toEqual([
      expect.stringContaining("node:sqlite stays in src/storage/sqlite/"),
      expect.stringContaining("should end in .ts"),
    ]);
  });
});

describe("time and chance", () => {
  test.each([
    ["Date.now()", "Date.now"],
    ["new Date()", "new Date()"],
    ["Math.random()", "Math.random"],
    ["performance.now()", "performance.now"],
    ["setTimeout(() => 1, 5)", "setTimeout"],
    ["[setInterval]", "setInterval"],
    ["{ setImmediate }", "setImmediate"],
    ["globalThis.setTimeout", "globalThis.setTimeout"],
    [`import("node:timers/promises")`, "import of node:timers/promises"],
  ])("%s is refused outside the ports", (expression, what) => {
    const text = `export const value: unknown = ${expression};`;
    const errors = errorsOf({ "src/core/clock.ts": text, "src/engine/turn.ts": text });
    expect(errors).toEqual([expect.stringContaining(`src/engine/turn.ts:1: ${what}.`)]);
  });

  test("names of one's own, comments and texts are no use", () => {
    const errors = errorsOf({
      "src/engine/turn.ts": `// Date.now() is refused\nexport const text = "setTimeout";\nexport const at: Date = new Date(0);
export interface Timers { setTimeout(): void }\nexport const start = (timers: Timers): void => timers.setTimeout();`,
    });
    expect(errors).toEqual([]);
  });
});

describe("files", () => {
  test("an entry point only re-exports", () => {
    const errors = errorsOf({ "src/index.ts": `export const value = 1;` });
    expect(errors).toEqual([expect.stringContaining("an entry point only re-exports")]);
  });

  test("an entry point imports nothing but the check of the version of Node", () => {
    const check = { "src/core/require-node.ts": "export {};", "src/core/task.ts": "export {};" };
    expect(errorsOf({ "src/index.ts": `import "./core/require-node.ts";`, ...check })).toEqual([]);
    expect(errorsOf({ "src/index.ts": `import "./core/task.ts";`, ...check })).toEqual([
      expect.stringContaining("an entry point only re-exports"),
    ]);
  });

  test("a folder without a layer is refused", () => {
    const errors = errorsOf({ "src/extras/one.ts": `export const one = 1;` });
    expect(errors).toEqual([expect.stringContaining(`"extras" is no layer`)]);
  });

  test.each(["src/core/utils.ts", "src/core/task-manager.ts", "test/common.ts", "scripts/helpers.mjs"])(
    "%s says nothing",
    (file) => {
      expect(errorsOf({ [file]: `export const one = 1;` })).toEqual([expect.stringContaining("the name says nothing")]);
    },
  );

  test("a file has 300 lines at most", () => {
    const errors = errorsOf({
      "src/core/long.ts": "// line\n".repeat(301),
      "src/core/longest-allowed.ts": "// line\n".repeat(300),
    });
    expect(errors).toEqual([expect.stringContaining("src/core/long.ts: 301 lines")]);
  });
});
