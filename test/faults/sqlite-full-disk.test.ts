import { statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { Stage3Error } from "../../src/index.ts";
import { expectRefusal, expectSound, openHere, type OnFile, openOnFile } from "../fixtures/faulty-database.ts";
import { NO_ROOM, SMALL_DISK, smallDisk } from "../fixtures/small-disk.ts";
import { until } from "../fixtures/told.ts";
import { testFault } from "../support/fault.ts";

const ARGUMENT = "x".repeat(100_000);

/** Enqueues until there is no room for one more. Resolves with the ids that were acknowledged. */
async function enqueueUntilFull({ stage3 }: OnFile, argument = ARGUMENT): Promise<string[]> {
  const acknowledged: string[] = [];
  for (;;) {
    try {
      acknowledged.push(await stage3.broker.enqueue("default", "hold", [argument]));
    } catch (error) {
      expect(error).toBeInstanceOf(Stage3Error);
      expect(error).toMatchObject({ code: NO_ROOM });
      return acknowledged;
    }
  }
}

testFault(
  {
    area: "sqlite",
    fault: "disk full while enqueueing",
    injected: `${SMALL_DISK} of 2 MB, tasks of 100 kB enqueued until one is refused`,
    holds: `refused with ${NO_ROOM}, with a warning; with room again all that was acknowledged is there and runs`,
  },
  async () => {
    const disk = smallDisk(2_000_000);
    const instance = await openOnFile(join(disk.folder, "queue.db"));
    const { stage3, letGo, warnings } = instance;
    const acknowledged = await enqueueUntilFull(instance);
    expect(acknowledged.length).toBeGreaterThan(5);
    disk.fill();
    // The log may have a little room of its own, where the last one did not fit.
    const small = await enqueueUntilFull(instance, "");
    await expectRefusal(stage3, NO_ROOM);
    // The disk was full twice.
    expect(warnings.length).toBeGreaterThanOrEqual(1);
    expect(warnings.length).toBeLessThanOrEqual(2);
    letGo();
    disk.makeRoom();
    await until("readiness", () => stage3.isReady());
    for (const id of acknowledged) expect(await stage3.broker.result(id)).toBe(ARGUMENT.length);
    for (const id of small) expect(await stage3.broker.result(id)).toBe(0);
    await stage3.stop();
    expectSound(instance.file);
  },
);

testFault(
  {
    area: "sqlite",
    fault: "disk full while settling",
    injected: `${SMALL_DISK}, filled to the last byte while a task runs`,
    holds: "the task's outcome is kept and written once there is room; readiness is off meanwhile",
  },
  async () => {
    const disk = smallDisk(2_000_000);
    const { stage3, letGo, running } = await openOnFile(join(disk.folder, "queue.db"));
    disk.fill();
    letGo();
    await expectRefusal(stage3, NO_ROOM);
    expect(await stage3.broker.status(running)).toBe("running");
    const end = stage3.broker.result(running);
    disk.makeRoom();
    await end;
    expect(await stage3.broker.get(running)).toMatchObject({ status: "finished", attempt: 1 });
    await until("readiness", () => stage3.isReady());
  },
);

testFault(
  {
    area: "sqlite",
    fault: "disk full while checkpointing",
    injected: `${SMALL_DISK} of 7 MB, too small for the log and the file that it is to be written into`,
    holds: "the log keeps what the file cannot take; a new instance finds all of it, and the file is sound",
  },
  async () => {
    const disk = smallDisk(7_000_000);
    const instance = await openOnFile(join(disk.folder, "queue.db"));
    const acknowledged = await enqueueUntilFull(instance);
    expect(statSync(`${instance.file}-wal`).size).toBeGreaterThan(4_000_000); // It was to be written back.
    expect(statSync(instance.file).size).toBeLessThan(acknowledged.length * ARGUMENT.length);
    await instance.stage3.kill();
    disk.makeRoom();
    const anew = await openHere(instance.file);
    for (const id of acknowledged) expect(await anew.broker.get(id)).toMatchObject({ args: [ARGUMENT] });
    await anew.stop();
    expectSound(instance.file);
  },
);
