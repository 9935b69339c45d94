import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { ClaimedTask, Operation, Storage } from "../../src/storage/port.ts";
import { StorageBusy } from "../../src/storage/port.ts";
import { claiming, Driver, enqueueing, workerRecord } from "../conformance/driver.ts";
import { RemoteStorage } from "../conformance/fixtures/remote-storage.ts";
import { StorageProcess } from "../conformance/fixtures/storage-process.ts";
import { newFile, openSqlite } from "../unit/storage/open-sqlite.ts";

test("a lock that another program holds makes a turn busy at once, reads go on", async () => {
  const file = newFile();
  const driver = await Driver.start(await openSqlite(file));
  await driver.enqueue("a");
  const foreign = new DatabaseSync(file);
  onTestFinished(() => foreign.close());
  foreign.exec("BEGIN IMMEDIATE");
  const waits: number[] = [];
  for (let round = 0; round < 20; round++) {
    const startedAt = performance.now();
    await expect(driver.enqueue("b")).rejects.toBeInstanceOf(StorageBusy);
    waits.push(performance.now() - startedAt);
  }
  // The quickest: others may be a busy machine's.
  expect(Math.min(...waits)).toBeLessThan(40);
  expect(await driver.storage.state("a")).toBe("ready");
  foreign.exec("ROLLBACK");
  expect(await driver.storage.state("b")).toBeUndefined();
  expect(await driver.enqueue("b")).toEqual({ kind: "stored" });
});

/** Tries a turn again for as long as the file is busy; any other error is thrown. */
async function patiently(storage: Storage, operations: readonly Operation[]): Promise<unknown[]> {
  for (let attempt = 0; attempt < 500; attempt++) {
    try {
      const { outcomes } = await storage.turn(operations, { now: 1 });
      return outcomes.map((outcome) => {
        if (!outcome.ok) throw outcome.error;
        return outcome.value;
      });
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "StorageBusy") throw error;
      await wait(2);
    }
  }
  throw new Error("The file was busy for 500 tries.");
}

/** Enqueues, claims and finishes, so that each of the two gets some of the other's tasks. */
async function work(storage: Storage, name: string): Promise<string[]> {
  await patiently(storage, [{ kind: "registerWorker", worker: workerRecord(name) }]);
  const finished: string[] = [];
  let running: ClaimedTask[] = [];
  for (let round = 0; round < 60; round++) {
    const settles = running.map(
      ({ id, epoch }) => ({ kind: "settle", id, epoch, outcome: { kind: "finish" } }) as const,
    );
    const enqueues = Array.from({ length: 20 }, (_, index) => enqueueing(`${name}-${round}-${index}`));
    const results = await patiently(storage, [...settles, ...enqueues, claiming(20, { worker: name })]);
    expect(results.slice(0, settles.length)).toEqual(settles.map(() => ({ kind: "settled", state: "finished" })));
    finished.push(...running.map(({ id }) => id));
    running = results.at(-1) as ClaimedTask[];
  }
  return finished;
}

test("two processes that write heavily fail in nothing but what a retry mends, and share no task", async () => {
  const file = newFile();
  const other = await StorageProcess.start();
  try {
    const here = await openSqlite(file);
    const there = await RemoteStorage.open(other, file);
    const [ours, theirs] = await Promise.all([work(here, "here"), work(there, "there")]);
    expect(ours).toHaveLength(59 * 20);
    expect(theirs).toHaveLength(59 * 20);
    expect(new Set([...ours, ...theirs]).size).toBe(2 * 59 * 20);
  } finally {
    await other[Symbol.asyncDispose]();
  }
});
