import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "vitest";
import { disturb, type FileCalls, HAS_STRACE, limitFiles } from "../fixtures/disturbed-process.ts";
import { expectSound } from "../fixtures/faulty-database.ts";
import { INSTANCE_TASKS, InstanceProcess } from "../fixtures/start-instance.ts";
import { told, until } from "../fixtures/told.ts";
import { testFault } from "../support/fault.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** An instance in a process of its own, where a task runs that ends when it is told so by a file. */
async function openApart(): Promise<{ instance: InstanceProcess; file: string; folder: string }> {
  const folder = temporaryFolder();
  const file = join(folder, "queue.db");
  const queues = { default: { isolation: "inline", maxQueueLen: 1_000 } } as const;
  const instance = new InstanceProcess({
    options: { database: `sqlite:${file}`, queues },
    tasks: INSTANCE_TASKS,
    start: true,
  });
  await instance.ready;
  return { instance, file, folder };
}

/** Makes a disk fail under a process. Resolves with what mends it. */
type FailDisk = (pid: number, file: string) => Promise<() => void | Promise<void>>;

const HOLDS =
  "refused with DATABASE_UNAVAILABLE, readiness off; the outcome of a task is kept and written afterwards, what was refused is not stored";

function failing(calls: FileCalls, error: string): FailDisk {
  return (pid) => disturb(pid, calls, `error=${error}`);
}

async function limited(pid: number, file: string): Promise<() => void> {
  limitFiles(pid, statSync(`${file}-wal`).size);
  return () => limitFiles(pid, "unlimited");
}

async function keepsOutcomes(failDisk: FailDisk): Promise<void> {
  const { instance, file, folder } = await openApart();
  const running = await instance.enqueue("default", "pause", [join(folder, "told"), 300]);
  await told(join(folder, "told"), "begun");
  const mend = await failDisk(instance.pid, file);
  await told(join(folder, "told"), "over");
  await expect(instance.enqueue("default", "nothing")).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  expect(await instance.call("isReady")).toBe(false);
  expect(await instance.status(running)).toBe("running");
  await mend();
  await until("the outcome", async () => (await instance.status(running)) === "finished");
  await until("readiness", () => instance.call<boolean>("isReady"));
  const acknowledged = await instance.enqueue("default", "nothing");
  await instance.kill();
  expect(Object.keys(statesIn(file)).toSorted()).toEqual([running, acknowledged].toSorted());
  expectSound(file);
}

if (HAS_STRACE) {
  testFault(
    {
      area: "sqlite",
      fault: "failing fsync",
      injected: "strace lets every fsync and fdatasync fail with EIO",
      holds: HOLDS,
    },
    () => keepsOutcomes(failing("fsync,fdatasync", "EIO")),
  );

  testFault(
    {
      area: "sqlite",
      fault: "disk made read-only under the Engine",
      injected: "strace lets every write into a file of the database fail with EROFS",
      holds: HOLDS,
    },
    () => keepsOutcomes(failing("pwrite64", "EROFS")),
  );

  testFault(
    {
      area: "sqlite",
      fault: "slow disk",
      injected: "strace delays every fsync and fdatasync by 100 ms",
      holds: "100 tasks enqueued at once share a few of them; each acknowledged one is in the file after kill -9",
    },
    async () => {
      const { instance, file } = await openApart();
      const mend = await disturb(instance.pid, "fsync,fdatasync", "delay_enter=100000");
      const since = performance.now();
      const calls = Array.from({ length: 100 }, () => instance.enqueue("default", "nothing"));
      const ids = await Promise.all(calls);
      expect(performance.now() - since).toBeLessThan(3_000);
      await instance.kill();
      await mend();
      expect(Object.keys(statesIn(file))).toEqual(expect.arrayContaining(ids));
    },
  );
} else {
  testFault(
    {
      area: "sqlite",
      fault: "failing write (no strace here for a failing fsync)",
      injected: "a limit on the size of files",
      holds: HOLDS,
    },
    () => keepsOutcomes(limited),
  );

  testFault(
    {
      area: "sqlite",
      fault: "slow disk (no strace here: other connections hold the lock again and again)",
      injected: "BEGIN IMMEDIATE by another connection, ended every 50 ms and begun anew",
      holds: "tasks enqueued at once are acknowledged in between; each of them is in the file after kill -9",
    },
    async () => {
      const { instance, file } = await openApart();
      const foreign = new DatabaseSync(file, { timeout: 1_000 });
      const calls = Promise.all(Array.from({ length: 100 }, () => instance.enqueue("default", "nothing")));
      for (let round = 0; round < 5; round += 1) {
        foreign.exec("BEGIN IMMEDIATE");
        const until50 = performance.now() + 50;
        await until("the lock's end", () => performance.now() > until50);
        foreign.exec("COMMIT");
      }
      foreign.close();
      const ids = await calls;
      await instance.kill();
      expect(Object.keys(statesIn(file))).toEqual(expect.arrayContaining(ids));
    },
  );
}

/** What is in the file of an instance that is gone. */
function statesIn(file: string): Record<string, unknown> {
  const database = new DatabaseSync(file);
  try {
    const rows = database.prepare("SELECT id, state FROM tasks").all();
    return Object.fromEntries(rows.map((row) => [String(row["id"]), row["state"]]));
  } finally {
    database.close();
  }
}
