import { describe, expect, it } from "vitest";
import type { Storage } from "../../../src/storage/port.ts";
import { openInMemory } from "../../support/in-memory-storage.ts";
import { openInPlace, type InPlace } from "../../support/engine-in-place.ts";
import { openSqlite } from "../storage/open-sqlite.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How often is pruned. */
const PRUNING_MS = 60_000;
const CONFLICT = { code: "IDEMPOTENCY_CONFLICT", message: expect.stringContaining("give each task a key of its own") };

const tasks = { run: (label: string) => label, other: (label: string) => label };

const STORAGES: readonly (readonly [string, () => Promise<Storage>])[] = [
  ["memory", openInMemory],
  ["SQLite", () => openSqlite(":memory:")],
];

describe.each(STORAGES)("an idempotency key, in %s", (_name, openStorage) => {
  async function open(maxQueueLen = 200): Promise<InPlace<typeof tasks>> {
    return openInPlace(tasks, {
      queues: { default: { maxQueueLen }, emails: {} },
      storage: await openStorage(),
      settings: { retention: { finishedMs: HOUR_MS, abortedMs: HOUR_MS, dlqMs: HOUR_MS } },
    });
  }

  it("gives one id to all who send the same, and stores one task", async () => {
    const { broker } = await open();
    const options = { idempotencyKey: "key", priority: 1, timeout: "5s" };
    const calls = Array.from({ length: 100 }, () => broker.enqueue("default", "run", ["x"], options));
    const ids = new Set(await Promise.all(calls));
    expect(ids.size).toBe(1);
    expect(ids).toContain(await broker.enqueue("default", "run", ["x"], { ...options, timeout: 5_000 }));
    expect(await broker.queues()).toMatchObject([
      { topic: "default", queued: 1 },
      { topic: "emails", queued: 0 },
    ]);
    for (const id of ids) expect(await broker.get(id)).toMatchObject({ status: "queued", priority: 1, args: ["x"] });
    expect(await broker.enqueue("default", "run", ["x"], { priority: 1, timeout: 5_000 })).not.toBe([...ids][0]);
  });

  it("refuses whatever else comes with it", async () => {
    const { broker } = await open();
    const key = { idempotencyKey: "key" };
    const id = await broker.enqueue("default", "run", ["x"], key);
    await expect(broker.enqueue("default", "run", ["y"], key)).rejects.toMatchObject(CONFLICT);
    await expect(broker.enqueue("default", "other", ["x"], key)).rejects.toMatchObject(CONFLICT);
    await expect(broker.enqueue("emails", "run", ["x"], key)).rejects.toMatchObject(CONFLICT);
    await expect(broker.enqueue("default", "run", ["x"], { ...key, priority: 10 })).rejects.toMatchObject(CONFLICT);
    await expect(broker.enqueue("default", "run", ["x"], { ...key, maxRestarts: 1 })).rejects.toMatchObject(CONFLICT);
    expect(await broker.enqueue("default", "run", ["x"], key)).toBe(id);
  });

  it("is answered also when the queue is full", async () => {
    const { broker } = await open(1);
    const id = await broker.enqueue("default", "run", ["x"], { idempotencyKey: "key" });
    await expect(broker.enqueue("default", "run", ["y"])).rejects.toMatchObject({ code: "QUEUE_FULL" });
    expect(await broker.enqueue("default", "run", ["x"], { idempotencyKey: "key" })).toBe(id);
  });

  it("runs the task once, and outlives it for a day", async () => {
    const { engine, broker, clock, events } = await open();
    await engine.start();
    const key = { idempotencyKey: "key" };
    const id = await broker.enqueue("default", "run", ["x"], key);
    await clock.settle();
    expect(await broker.status(id)).toBe("finished");
    clock.jump(DAY_MS - PRUNING_MS - 1);
    await clock.advance(PRUNING_MS);
    expect(await broker.status(id)).toBeUndefined();
    expect(await broker.enqueue("default", "run", ["x"], key)).toBe(id);
    expect(await broker.status(id)).toBeUndefined();
    expect(events.filter(({ name }) => name === "started")).toHaveLength(1);
    await clock.advance(1);
    const next = await broker.enqueue("default", "run", ["x"], key);
    expect(next).not.toBe(id);
    await clock.settle();
    expect(await broker.status(next)).toBe("finished");
  });

  it("is removed after its day", async () => {
    const { engine, broker, clock, storage } = await open();
    await engine.start();
    for (const name of ["a", "b"]) await broker.enqueue("default", "run", ["x"], { idempotencyKey: name });
    clock.jump(DAY_MS);
    await clock.advance(PRUNING_MS);
    const left = await storage.turn([{ kind: "pruneKeys", limit: 9 }], { now: clock.now() + DAY_MS });
    expect(left.outcomes).toEqual([{ ok: true, value: { removed: 0, more: false } }]);
  });

  it("is given to each of several tasks by itself", async () => {
    const { broker } = await open();
    const key = (idempotencyKey: string) => ({ idempotencyKey });
    const first = await broker.enqueue("default", "run", ["x"], key("1"));
    const many = [
      ["run", ["x"], key("1")],
      ["run", ["y"], key("2")],
      ["run", ["y"], key("2")],
    ] as const;
    const ids = await broker.enqueueMany("default", many);
    expect(ids).toEqual([first, ids[1], ids[1]]);
    expect(ids[1]).not.toBe(first);
    expect(await broker.enqueueMany("default", many)).toEqual(ids);
    const refused = broker.enqueueMany("default", [
      ["run", ["z"]],
      ["run", ["z"], key("2")],
    ]);
    await expect(refused).rejects.toMatchObject({ ...CONFLICT, message: expect.stringMatching(/^tasks\[1\]: /) });
  });
});
