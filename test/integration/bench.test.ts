import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Row } from "../../bench/harness/row.ts";
import { build } from "../../scripts/bootstrap/build.mjs";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const main = join(root, "bench", "main.ts");

/** Every figure that a whole run has, with its durability. */
const figures = [
  "delay of the application's loop, nothing to do, p99: power-loss",
  ...["one by one", "100 at once", "enqueueMany of 1,000"].flatMap((way) =>
    ["power-loss", "process-crash", "memory"].map((durability) => `enqueue, ${way}: ${durability}`),
  ),
  ...["drain of 200, 2 at once", "drain of 200, 4 at once", "mixed load, 4 at once"].flatMap(ofEachKind),
  ...["p50", "p99"].flatMap((share) =>
    ofEachKind("enqueue to start when idle").map((name) => name.replace(":", `, ${share}:`)),
  ),
  ...["100", "200", "300"].map((backlog) => `claim with ${backlog} waiting, 1 at once, inline: process-crash`),
  ...["0", "1,000"].flatMap((count) =>
    ["resident memory", "heap of the application's thread", "heap of the Engine's thread"].flatMap((what) => [
      `${what}, ${count} waiting: power-loss`,
      `${what}, ${count} waiting: memory`,
    ]),
  ),
  "database file, 0 waiting: power-loss",
  "database file, 1,000 waiting: power-loss",
];

function ofEachKind(name: string): string[] {
  const inline = ["power-loss", "process-crash", "memory"].map((durability) => `${name}, inline: ${durability}`);
  return [...inline, `${name}, thread: power-loss`, `${name}, process: power-loss`];
}

/** Where runs keep their databases while they last. */
function foldersOfRuns(): string[] {
  const folder = join(root, ".bench");
  return existsSync(folder) ? readdirSync(folder).toSorted() : [];
}

test("a quick run has every figure, and each is a number", { timeout: 120_000 }, async () => {
  await build();
  const before = foldersOfRuns();
  const { stdout, stderr } = await run(process.execPath, [main, "--quick", "--json"]);
  const { machine, rows } = JSON.parse(stdout) as { machine: string[]; rows: Row[] };
  expect(stderr).toBe("");
  expect(machine.join("\n")).toMatch(/^- File system of the databases: [a-z0-9]+$/mu);
  expect(rows.map(({ name, durability }) => `${name}: ${durability}`).toSorted()).toEqual(figures.toSorted());
  for (const { name, value, raw, loop } of rows) {
    const numbers = [value, ...(raw === undefined ? [] : [raw]), ...(loop === undefined ? [] : Object.values(loop))];
    expect({ name, wrong: numbers.filter((number) => !(number > 0 && Number.isFinite(number))) }).toEqual({
      name,
      wrong: [],
    });
  }
  const durable = rows.filter(({ durability, unit }) => durability !== "memory" && unit === "tasks/s");
  expect(durable.filter(({ raw }) => raw === undefined)).toEqual([]);
  expect(foldersOfRuns()).toEqual(before);
});

test.each([
  { args: ["--only", "dreams"], says: /^"dreams" is none of idle, enqueue, / },
  { args: ["--write", "--quick"], says: /^--write is for a whole run/ },
])("$args is refused with a sentence", async ({ args, says }) => {
  await expect(run(process.execPath, [main, ...args])).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(says),
  });
});
