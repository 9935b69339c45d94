import { pathToFileURL } from "node:url";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadTasks } from "../../../src/tasks/load-tasks.ts";
import { readTasks } from "../../../src/tasks/read-tasks.ts";
import { defineTasks, task } from "../../../src/tasks.ts";
import { secondCopyOfTasks } from "../../fixtures/second-copy.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

describe("a tasks module", () => {
  test("is read by name, plain functions and task() alike", () => {
    const tasks = readTasks(
      defineTasks({ plain: (n: number) => n + 1, own: task({ priority: 3 }, (n: number) => n * 2) }),
    );
    expect([...tasks.keys()]).toEqual(["plain", "own"]);
    expect(tasks.get("plain")?.handler(1)).toBe(2);
    expect(tasks.get("own")?.handler(4)).toBe(8);
    expect(tasks.get("plain")?.policy).toEqual({});
    expect(tasks.get("own")?.policy.priority).toBe(3);
  });

  test("knows only its own names", () => {
    const inherited = Object.create({ inherited: () => 1 }) as Record<string, () => number>;
    Object.defineProperty(inherited, "hidden", { value: () => 2, enumerable: false });
    const tasks = readTasks(Object.assign(inherited, { own: () => 3 }));
    expect([...tasks.keys()]).toEqual(["own"]);
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) expect(tasks.has(name)).toBe(false);
  });

  test("may really have a function called __proto__", () => {
    const tasks = readTasks(JSON.parse('{"__proto__": 0}', (key, value: unknown) => (key === "" ? value : () => 5)));
    expect(tasks.get("__proto__")?.handler()).toBe(5);
  });

  test("may have methods that call each other", () => {
    const tasks = readTasks(
      defineTasks({
        double(n: number) {
          return n * 2;
        },
        quadruple(n: number): number {
          return this.double(this.double(n));
        },
      }),
    );
    expect(tasks.get("quadruple")?.handler(3)).toBe(12);
  });

  test("may use task() of another copy of the library", async () => {
    const other = await secondCopyOfTasks(temporaryFolder());
    expect(other.task).not.toBe(task);
    expect(
      readTasks({ own: other.task({ priority: 2 }, () => 7) })
        .get("own")
        ?.handler(),
    ).toBe(7);
  });

  test.each([
    [{ a: 1 }, 'The tasks entry "a" is not a function (number)'],
    [{ a: null }, 'The tasks entry "a" is not a function (null)'],
    [{ a: { handler: () => 1 } }, 'The tasks entry "a" is not a function (object)'],
    [[() => 1], "must be an object of functions"],
    [() => 1, "must be an object of functions"],
    [null, "must be an object of functions"],
    [undefined, "must be an object of functions"],
  ])("%o is refused", (module, message) => {
    expect(() => readTasks(module)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining(message) }),
    );
  });
});

describe("importing a tasks module", () => {
  test("takes its default export", async () => {
    const tasks = await loadTasks(moduleOf('export const other = () => 1; export default { "send emails": () => 2 };'));
    expect([...tasks.keys()]).toEqual(["send emails"]);
  });

  test("takes what a compiled CommonJS file means by default", async () => {
    const source = 'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = { a: () => 1 };';
    expect([...(await loadTasks(moduleOf(source, "tasks.cjs"))).keys()]).toEqual(["a"]);
  });

  test("without a default export is refused, with the remedy", async () => {
    await expect(loadTasks(moduleOf("export const a = () => 1;"))).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("export default defineTasks("),
    });
  });

  test("that throws is refused, with the cause", async () => {
    await expect(loadTasks(moduleOf('throw new Error("no database");'))).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("cannot be imported: no database"),
      cause: expect.objectContaining({ message: "no database" }),
    });
  });
});

function moduleOf(source: string, name = "tasks.mjs"): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, source);
  return pathToFileURL(file).href;
}
