import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished } from "vitest";
import { Stage3Queue } from "../../src/index.ts";
import { until } from "../fixtures/told.ts";
import { testFault } from "../support/fault.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const WHOLE = "export default { exit: () => process.exit(1), add: (a, b) => a + b, double: (a) => 2 * a };";
const WITHOUT_DOUBLE = "export default { exit: () => process.exit(1), add: (a, b) => a + b };";

interface Deployed {
  readonly stage3: Stage3Queue;
  readonly warnings: string[];
  /** Writes the tasks module anew. */
  readonly deploy: (source: string) => void;
  /** Has all that has loaded the module end, and nothing but one task fail by that. */
  readonly loadAnew: () => Promise<void>;
}

async function open(isolation: "process" | "thread"): Promise<Deployed> {
  const folder = temporaryFolder();
  const file = join(folder, "tasks.mjs");
  writeFileSync(file, WHOLE);
  const stage3 = await Stage3Queue.open({
    database: `sqlite:${join(folder, "queue.db")}`,
    tasks: pathToFileURL(file),
    queues: { default: { isolation, maxConcurrency: 2, maxBackoff: 0 } },
  });
  onTestFinished(() => stage3.stop());
  const warnings: string[] = [];
  stage3.events.on("warning", ({ code, message }) => warnings.push(`${code} ${message}`));
  await stage3.start();
  const { broker } = stage3;
  const loadAnew = async (): Promise<void> => {
    // Two of them: a thread that is kept beside the first may have loaded the module before.
    for (let left = 2; left > 0; left -= 1) {
      const id = await broker.enqueue("default", "exit", [], { maxRestarts: 0 });
      await until("its end, or no start", async () => (await broker.isInDlq(id)) || !(await stage3.isReady()));
    }
  };
  return { stage3, warnings, deploy: (source) => writeFileSync(file, source), loadAnew };
}

const HOLDS =
  "one warning with the reason, readiness is off, nothing more is claimed; once it is mended all 50 tasks finish in their first attempt";

testFault(
  {
    area: "tasks",
    fault: "a deploy whose tasks module throws",
    injected: "the module is replaced under a started instance, and what had loaded it ends; 50 tasks are enqueued",
    holds: HOLDS,
  },
  () => survive('throw new Error("no such release");', "no such release"),
  60_000,
);

testFault(
  {
    area: "tasks",
    fault: "a deploy whose tasks module does not parse",
    injected: "as above",
    holds: HOLDS,
  },
  () => survive("export default {", "cannot be imported"),
  60_000,
);

testFault(
  {
    area: "tasks",
    fault: "a deploy whose tasks module exits",
    injected: "as above, with process.exit(7) in the module",
    holds: HOLDS,
  },
  () => survive("process.exit(7);", "exited with code 7"),
  60_000,
);

async function survive(broken: string, message: string): Promise<void> {
  for (const isolation of ["process", "thread"] as const) {
    const { stage3, warnings, deploy, loadAnew } = await open(isolation);
    const { broker } = stage3;
    deploy(broken);
    await loadAnew();
    const ids = await Promise.all(
      Array.from({ length: 50 }, (_, index) => broker.enqueue("default", "add", [index, 1])),
    );
    await until("readiness to end", async () => !(await stage3.isReady()));
    expect(warnings).toEqual([expect.stringMatching(/^WORKER_CANNOT_START Queue "default" claims nothing/u)]);
    expect(warnings[0]).toContain(message);
    deploy(WHOLE);
    const results = await Promise.all(ids.map((id) => broker.result(id)));
    expect(results).toEqual(ids.map((_, index) => index + 1));
    for (const id of ids) expect(await broker.get(id)).toMatchObject({ attempt: 1, failures: [] });
    const dead = await broker.dlq.list();
    expect(dead.map(({ function: name }) => name).filter((name) => name !== "exit")).toEqual([]);
    expect(await stage3.isReady()).toBe(true);
    expect(warnings).toHaveLength(1);
  }
}

testFault(
  {
    area: "tasks",
    fault: "a deploy whose tasks module lacks a function",
    injected: "as above; a task of that function and one of another are enqueued",
    holds:
      "one warning; the first is given back uncounted and runs once the module has its function again, the other runs",
  },
  async () => {
    for (const isolation of ["process", "thread"] as const) {
      const { stage3, warnings, deploy, loadAnew } = await open(isolation);
      const { broker } = stage3;
      deploy(WITHOUT_DOUBLE);
      await loadAnew();
      const doubled = await broker.enqueue("default", "double", [4]);
      expect(await broker.result(await broker.enqueue("default", "add", [1, 2]))).toBe(3);
      await until("the warning", () => warnings.length > 0);
      expect(warnings).toEqual([expect.stringMatching(/^FUNCTION_MISSING .* "default" was changed.* "double"/u)]);
      await until("it is given back", () => broker.isQueued(doubled));
      expect(await broker.get(doubled)).toMatchObject({ attempt: 0, failures: [] });
      expect(await stage3.isReady()).toBe(true);
      deploy(WHOLE);
      await loadAnew();
      expect(await broker.result(doubled)).toBe(8);
      expect(await broker.get(doubled)).toMatchObject({ attempt: 1, failures: [] });
    }
  },
  60_000,
);
