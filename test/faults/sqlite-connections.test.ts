import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished } from "vitest";
import { openOnFile } from "../fixtures/faulty-database.ts";
import { until } from "../fixtures/told.ts";
import { testFault } from "../support/fault.ts";
import { IS_LONG, sizeOf } from "../support/forms.ts";

/** As a tool of somebody else opens it. */
function connect(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  onTestFinished(() => void (database.isOpen && database.close()));
  return database;
}

/** Held longer than a call waits, in the long form. */
const HELD_MS = sizeOf("lock held in ms");

testFault(
  {
    area: "sqlite",
    fault: "second connection holds the write lock",
    injected: `BEGIN IMMEDIATE by another connection for ${HELD_MS} ms while a task ends`,
    holds: IS_LONG
      ? "calls are refused with DATABASE_UNAVAILABLE after 5 s; the outcome is written afterwards, reads go on"
      : "calls wait and are then acknowledged, the outcome is written, reads go on, readiness is off meanwhile",
  },
  async () => {
    const { stage3, file, letGo, running } = await openOnFile();
    const foreign = connect(file);
    foreign.exec("BEGIN IMMEDIATE");
    const heldUntil = performance.now() + HELD_MS;
    letGo();
    const call = stage3.broker.enqueue("default", "take", [""]).then(
      () => "acknowledged",
      (error: { code?: string }) => error.code,
    );
    await until("readiness off", async () => !(await stage3.isReady()));
    expect(await stage3.broker.status(running)).toBe("running");
    await until("the lock's end", () => performance.now() > heldUntil);
    if (IS_LONG) expect(await call).toBe("DATABASE_UNAVAILABLE");
    foreign.exec("ROLLBACK");
    if (!IS_LONG) expect(await call).toBe("acknowledged");
    await until("the outcome", async () => (await stage3.broker.status(running)) === "finished");
    await until("readiness", () => stage3.isReady());
  },
);

testFault(
  {
    area: "sqlite",
    fault: "long reader",
    injected: "a transaction that reads stays open in another connection while 6 MB are written",
    holds: "writes go on; the log grows until the reader ends, then its place is used anew, and stop removes it",
  },
  async () => {
    const { stage3, file, letGo } = await openOnFile();
    const enqueue = async (): Promise<void> => {
      for (let count = 0; count < 60; count += 1) await stage3.broker.enqueue("default", "hold", ["x".repeat(100_000)]);
    };
    const log = `${file}-wal`;
    const foreign = connect(file);
    foreign.exec("BEGIN");
    foreign.prepare("SELECT count(*) FROM tasks").get();
    await enqueue();
    const grown = statSync(log).size;
    expect(grown).toBeGreaterThan(6_000_000);
    foreign.exec("COMMIT");
    await enqueue();
    // One more commit, before it is known that nobody reads the log's beginning.
    expect(statSync(log).size).toBeLessThan(grown + 300_000);
    foreign.close();
    letGo();
    await stage3.stop();
    expect(statSync(log, { throwIfNoEntry: false })).toBeUndefined();
  },
);
