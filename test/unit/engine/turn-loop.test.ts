import { expect, onTestFinished, test, vi } from "vitest";
import { TurnLoop } from "../../../src/engine/turn-loop.ts";
import { openInMemory } from "../../support/in-memory-storage.ts";
import { sleep } from "../../../src/core/clock.ts";
import { ChangeHub } from "../../../src/engine/change-hub.ts";
import type { Claimer } from "../../../src/engine/claimer.ts";
import { type ClaimOperation, type NewTask, type Storage, StorageBusy } from "../../../src/storage/port.ts";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";

const WORKER = "worker";
const PROCESS = { bootId: "boot", pidNamespace: "pid", pid: 1, startTime: "1" };
const FUNCTIONS = new Map([["run", { maxRestarts: 1 }]]);
const CLAIM: ClaimOperation = { kind: "claim", topic: "default", worker: WORKER, limit: 1, functions: FUNCTIONS };

function openTurns(storage: Storage, clock: VirtualClock): { turns: TurnLoop; hub: ChangeHub } {
  const hub = new ChangeHub({ clock, away: () => undefined });
  return { turns: new TurnLoop({ storage, clock, hub, emit: () => undefined }), hub };
}

function newTask(id: string, priority: number): NewTask {
  return { id, topic: "default", function: "run", args: "[]", priority, options: {}, maxQueueLen: 10 };
}

test("a task from before a start is not overtaken by one from after it that is stored in the same turn", async () => {
  const clock = new VirtualClock();
  await using storage = await openInMemory();
  const worker = { id: WORKER, heartbeat: 0, leaseMs: 30_000, process: PROCESS };
  await storage.turn([{ kind: "registerWorker", worker }], { now: 0 });
  const started: string[] = [];
  const claimer: Claimer = {
    claims: () => [CLAIM],
    startFor: () => ({ worker: WORKER, maxRestarts: 1 }),
    claimed: (_, outcome) => started.push(...(outcome?.ok === true ? outcome.value.map(({ id }) => id) : [])),
    run: ({ id }) => started.push(id),
    disclaimer: () => ({ kind: "disclaim", worker: WORKER, known: [] }),
  };
  const { turns } = openTurns(storage, clock);
  const before = turns.submit({ kind: "enqueue", ...newTask("before", 1) });
  turns.serve(claimer);
  const after = turns.submit({ kind: "enqueue", ...newTask("after", 10) });
  await Promise.all([before, after]);
  expect(started).toEqual(["before"]);
  await turns.close();
});

test("an enqueue that stands in a backlog for long is not refused for a lock of a moment", async () => {
  const clock = new VirtualClock();
  await using storage = await openInMemory();
  const turn = storage.turn.bind(storage);
  let locked = false;
  let pauseMs = 0;
  storage.turn = async (operations, time) => {
    if (locked) throw new StorageBusy();
    if (pauseMs > 0) await sleep(clock, pauseMs);
    return turn(operations, time);
  };
  const { turns } = openTurns(storage, clock);
  const answers = Array.from({ length: 3_000 }, (_, index) =>
    turns.submit({ kind: "enqueue", ...newTask(`t${index}`, 10), maxQueueLen: 10_000 }),
  );
  pauseMs = 4_000;
  await clock.advance(8_100);
  pauseMs = 0;
  locked = true;
  await clock.advance(4_500);
  locked = false;
  await clock.advance(1_000);
  expect(new Set((await Promise.all(answers)).map(({ kind }) => kind))).toEqual(new Set(["stored"]));
  locked = true;
  const late = expect(turns.submit({ kind: "discard", id: "t0" })).rejects.toMatchObject({
    code: "DATABASE_UNAVAILABLE",
  });
  await clock.advance(5_100);
  await late;
  locked = false;
  await clock.advance(100);
  await turns.close();
});

test("a fault while one caller is answered is none of the storage, and keeps no other from its answer", async () => {
  const clock = new VirtualClock();
  await using storage = await openInMemory();
  const worker = { id: WORKER, heartbeat: 0, leaseMs: 30_000, process: PROCESS };
  await storage.turn([{ kind: "registerWorker", worker }], { now: 0 });
  const { turns, hub } = openTurns(storage, clock);
  const told: string[] = [];
  hub.subscribe({ changed: (changes) => told.push(...changes.map(({ task }) => task)) });
  const faults = new Set<unknown>();
  const note = (error: unknown): void => void faults.add(error);
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", note);
  onTestFinished(() => {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  });
  turns.serve({
    claims: () => [{ ...CLAIM, limit: 2 }],
    startFor: () => ({ worker: WORKER, maxRestarts: 1 }),
    claimed: () => undefined,
    run: ({ id }) => {
      if (id === "broken") throw new Error("It cannot be run.");
    },
    disclaimer: () => ({ kind: "disclaim", worker: WORKER, known: [] }),
  });
  const answers = ["broken", "whole"].map((id) => turns.submit({ kind: "enqueue", ...newTask(id, 1) }));
  expect((await Promise.all(answers)).map(({ kind }) => kind)).toEqual(["claimed", "claimed"]);
  await vi.waitFor(() => expect([...faults]).toEqual([new Error("It cannot be run.")]));
  expect(told).toEqual(["broken", "whole"]);
  expect(turns.fault).toBeUndefined();
  expect(await turns.submit({ kind: "discard", id: "broken" })).toBe(false);
  await turns.close();
});

test("a turn that fails after the loop has given up is not tried again", async () => {
  const clock = new VirtualClock();
  await using storage = await openInMemory();
  let turns = 0;
  storage.turn = async () => {
    turns += 1;
    if (turns > 10) await new Promise(() => {});
    await sleep(clock, 6_000);
    throw new StorageBusy();
  };
  const { turns: loop } = openTurns(storage, clock);
  const settlement = { kind: "settle", id: "t", epoch: 1, outcome: { kind: "abort" } } as const;
  const refused = expect(loop.submitForGood(settlement)).rejects.toMatchObject({ code: "STOPPED" });
  const closed = loop.close();
  // It gives up after five seconds, and the turn under way fails one later.
  await clock.advance(5_000);
  await closed;
  await clock.advance(10_000);
  expect(turns).toBe(1);
  await refused;
});
