import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { Stage3Queue, type Stage3QueueOptions } from "../../src/index.ts";
import { gate } from "../support/gate.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const node = join(root, "node_modules", "node", "bin", "node");
const example = (name: string): string => join(root, "examples", "operating", name);
const page = readFileSync(join(root, "docs", "operating.md"), "utf8");

/** What the page has `sqlite3` do, as SQL. */
const statements = [...page.matchAll(/^ *sqlite3 .*?"([^".][^"]*)"$/gmu)].map(([, sql = ""]) => sql);

async function openAt(file: string, options: Stage3QueueOptions): Promise<Stage3Queue> {
  const stage3 = await Stage3Queue.open({ database: `sqlite:${file}`, ...options });
  onTestFinished(() => stage3.kill());
  return stage3;
}

test("a backup is one moment of a queue that works; restored, it runs again what has ended since", async () => {
  const folder = temporaryFolder();
  const held = gate();
  const begun = gate();
  const ran: string[] = [];
  const tasks = {
    quick: (name: string) => ran.push(name),
    hold: async (name: string) => {
      ran.push(name);
      begun.pass();
      await held.passed;
    },
  };
  const queues = { default: { maxConcurrency: 1 } };
  const busy = { maxQueueLen: Infinity };
  const stage3 = await openAt(join(folder, "data", "stage3.db"), { tasks, queues: { ...queues, busy }, lease: "1s" });
  const { broker } = stage3;
  await stage3.start();
  await broker.result(await broker.enqueue("default", "quick", ["finished before"]));
  const running = await broker.enqueue("default", "hold", ["runs"]);
  await begun.passed;
  const aborted = await broker.enqueue("default", "quick", ["aborted since"]);

  const writing = { goesOn: true };
  const writes = (async () => {
    while (writing.goesOn) await broker.enqueue("busy", "quick", ["meanwhile"]);
  })();
  const { stdout } = await run(node, [example("backup.ts"), "data/stage3.db", "copy.db"], { cwd: folder });
  writing.goesOn = false;
  await writes;
  expect(stdout).toBe("ok\n");
  await expect(run(node, [example("backup.ts"), "data/stage3.db", "copy.db"], { cwd: folder })).rejects.toThrow(
    "output file already exists",
  );

  const later = await broker.enqueue("default", "quick", ["enqueued since"]);
  expect(await broker.abort(aborted)).toBe(true);
  held.pass();
  await broker.result(running);
  await broker.result(later);
  await stage3.stop();
  expect(ran.filter((name) => name === "finished before")).toHaveLength(1);
  expect(ran).not.toContain("aborted since");

  ran.length = 0;
  // The worker of the backup is this very process, which lives: it is taken over after its lease.
  const restored = await openAt(join(folder, "copy.db"), { tasks, queues });
  expect(await restored.broker.status(later)).toBeUndefined();
  expect(await restored.broker.isRunning(running)).toBe(true);
  await restored.start();
  await restored.broker.result(running);
  await restored.broker.result(aborted);
  expect(await restored.broker.get(running)).toMatchObject({ attempt: 2, failures: [{ code: "WORKER_DIED" }] });
  expect(ran).toEqual(expect.arrayContaining(["runs", "aborted since"]));
  expect(ran).not.toContain("finished before");
  expect(ran).not.toContain("enqueued since");
  await restored.stop();
}, 30_000);

test("what the page says in SQL works on a queue in use", async () => {
  expect(statements).toEqual([
    "VACUUM INTO 'stage3-backup.db'",
    "PRAGMA integrity_check",
    "VACUUM",
    "PRAGMA integrity_check",
  ]);
  const folder = temporaryFolder();
  const file = join(folder, "data", "stage3.db");
  const stage3 = await openAt(file, { tasks: { quick: () => undefined }, queues: { default: {} } });
  await stage3.start();
  await stage3.broker.result(await stage3.broker.enqueue("default", "quick", []));
  const database = new DatabaseSync(file, { timeout: 5_000 });
  for (const sql of statements) {
    const rows = database.prepare(sql.replace("stage3-backup.db", join(folder, "stage3-backup.db"))).all();
    expect(rows).toMatchObject(sql.startsWith("PRAGMA") ? [{ integrity_check: "ok" }] : []);
  }
  database.close();
  const { stdout } = await run(node, [example("watch.ts")], { cwd: folder });
  expect(stdout).toBe("default 0 - 0 0\ntrue\n");
  await stage3.stop();
});

test("a task takes no more room than the page says, and a removed one leaves it to others", async () => {
  const file = join(temporaryFolder(), "stage3.db");
  const tasks = { quick: () => undefined };
  const queues = { default: { maxConcurrency: 100, maxQueueLen: Infinity } };
  const many = Array.from({ length: 10_000 }, (_, index) => ["quick", [`user-${index}@example.com`, index]] as const);

  const waiting = await openAt(file, { tasks, queues });
  await waiting.broker.enqueueMany("default", many);
  await waiting.stop();
  expect(statSync(file).size / many.length).toBeLessThan(300);

  const working = await openAt(file, { tasks, queues });
  await working.start();
  await finished(working, many.length);
  await working.stop();
  const before = statSync(file).size;
  expect(before / many.length).toBeLessThan(320);

  const pruning = await openAt(file, { tasks, queues, retention: { finished: 0 } });
  await pruning.start();
  await finished(pruning, 0);
  await pruning.broker.enqueueMany("default", many);
  await finished(pruning, 0);
  await pruning.stop();
  expect(statSync(file).size).toBeLessThan(before * 1.1);
}, 30_000);

/** Resolves when nothing waits or runs, and so many finished tasks are kept. */
async function finished(stage3: Stage3Queue, kept: number): Promise<void> {
  await expect
    .poll(async () => (await stage3.broker.queues())[0], { timeout: 20_000, interval: 50 })
    .toMatchObject({ queued: 0, running: 0, finished: kept });
}
