import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Stage3Queue } from "../../src/index.ts";
import { expectSound, openHere, openOnFile } from "../fixtures/faulty-database.ts";
import { INSTANCE_TASKS, InstanceProcess } from "../fixtures/start-instance.ts";
import { testFault } from "../support/fault.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const OTHERS_TASKS = 300;

/** Several processes one after another. */
const LONGEST_MS = 60_000;

/** A file that an instance has been started on, without a log. */
async function usedFile(): Promise<string> {
  const file = join(temporaryFolder(), "queue.db");
  const stage3 = await openHere(file, { nothing() {} });
  await stage3.start();
  await stage3.stop();
  return file;
}

/** A started instance in a process of its own, with something in its log. */
async function openElsewhere(): Promise<{ instance: InstanceProcess; file: string }> {
  const file = await usedFile();
  const options = { database: `sqlite:${file}`, queues: { default: { maxQueueLen: 1_000 } } };
  const instance = new InstanceProcess({ options, tasks: INSTANCE_TASKS, start: true });
  await instance.ready;
  for (let count = 0; count < 20; count += 1) await instance.enqueue("default", "nothing");
  return { instance, file };
}

/** Deletes the log under an instance, has others write a new one, and ends the instance as `end` says. */
async function endWithoutLog(end: (instance: InstanceProcess) => Promise<unknown>): Promise<void> {
  const { instance, file } = await openElsewhere();
  for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix);
  const other = await openHere(file);
  const ids = await enqueueMany(other);
  await other.stop();
  await end(instance);
  await instance.kill();
  await expectKept(file, ids);
}

function enqueueMany({ broker }: Stage3Queue): Promise<string[]> {
  return Promise.all(Array.from({ length: OTHERS_TASKS }, () => broker.enqueue("default", "nothing", [])));
}

async function expectKept(file: string, ids: readonly string[]): Promise<void> {
  expectSound(file);
  const found = await openHere(file);
  for (const id of ids) expect(await found.broker.status(id)).toBeDefined();
}

const DELETED = "`rm` of the -wal and the -shm; others enqueue 300 tasks";
const KEPT = "the file is sound, and has all that was acknowledged to the others";

testFault(
  {
    area: "sqlite",
    fault: "stop after the log was deleted",
    injected: `${DELETED}; SIGTERM to the process that had the old log open`,
    holds: KEPT,
  },
  () => endWithoutLog((instance) => instance.terminate()),
  LONGEST_MS,
);

testFault(
  {
    area: "sqlite",
    fault: "exit after the log was deleted",
    injected: `${DELETED}; process.exit() where the old log was open`,
    holds: KEPT,
  },
  () =>
    endWithoutLog(async (instance) => {
      void instance.call("exit");
      await instance.exited;
    }),
  LONGEST_MS,
);

testFault(
  {
    area: "sqlite",
    fault: "thread ended after the log was deleted",
    injected: `${DELETED}; terminate() of the thread that had it open`,
    holds: `${KEPT}; the thread that follows goes on with them`,
  },
  () =>
    endWithoutLog(async (instance) => {
      await instance.call("endThread");
      expect(await instance.status(await instance.enqueue("default", "nothing"))).toBeDefined();
    }),
  LONGEST_MS,
);

testFault(
  {
    area: "sqlite",
    fault: "end of the script after the log was deleted",
    injected: `${DELETED}; its process ends by itself, without a stop`,
    holds: KEPT,
  },
  async () => {
    const file = await usedFile();
    const instance = new InstanceProcess({ options: { database: `sqlite:${file}` }, start: false });
    await instance.ready;
    for (let count = 0; count < 20; count += 1) await instance.enqueue("default", "nothing");
    for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix);
    const other = await openHere(file);
    const ids = await enqueueMany(other);
    await other.stop();
    await instance.letGo();
    expect(await instance.exited).toMatchObject({ code: 0 });
    await expectKept(file, ids);
  },
  LONGEST_MS,
);

testFault(
  {
    area: "sqlite",
    fault: "exit without a stop",
    injected: "process.exit() while the log is in its place",
    holds: "the log stays, and the next start finds all that was acknowledged",
  },
  async () => {
    const { instance, file } = await openElsewhere();
    const id = await instance.enqueue("default", "nothing");
    void instance.call("exit");
    await instance.exited;
    expect(existsSync(`${file}-wal`)).toBe(true);
    const anew = await openHere(file);
    expect(await anew.broker.status(id)).toBeDefined();
    await anew.stop();
    expect(existsSync(`${file}-wal`)).toBe(false);
    expectSound(file);
  },
  LONGEST_MS,
);

testFault(
  {
    area: "sqlite",
    fault: "log deleted right before a commit",
    injected: "`rm` of the -wal and the -shm, and enqueues at once",
    holds: "none of them is acknowledged: each is refused with DATABASE_UNAVAILABLE",
  },
  async () => {
    const { stage3, file, letGo } = await openOnFile();
    letGo();
    await stage3.broker.enqueue("default", "take", [""]);
    for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix);
    const calls = Array.from({ length: 20 }, () => stage3.broker.enqueue("default", "take", [""]));
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: "rejected", reason: { code: "DATABASE_UNAVAILABLE" } });
    }
  },
  LONGEST_MS,
);

testFault(
  {
    area: "sqlite",
    fault: "application reads the files of the database",
    injected: "readFileSync of all three files, which ends SQLite's locks; then another process removes the log",
    holds: "what is enqueued then is refused with DATABASE_UNAVAILABLE; all that was acknowledged is in the file",
  },
  async () => {
    const { instance, file } = await openElsewhere();
    const before = await instance.enqueue("default", "nothing");
    const script = `new (require("node:sqlite").DatabaseSync)(${JSON.stringify(file)}).exec("SELECT * FROM tasks")`;
    const look = [process.execPath, "--disable-warning=ExperimentalWarning", "-e", script];
    const answers = await instance.call<string[]>("copyLookAndEnqueue", [file, `${file}-wal`, `${file}-shm`], look, 50);
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(new Set(answers)).toEqual(new Set(["DATABASE_UNAVAILABLE"]));
    await instance.terminate();
    expectSound(file);
    expect(await (await openHere(file)).broker.status(before)).toBeDefined();
  },
  LONGEST_MS,
);
