import { expect, test } from "vitest";
import { TurnLoop } from "../../../src/engine/turn-loop.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory-storage.ts";
import type { ClaimOperation, NewTask } from "../../../src/storage/port.ts";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";

const WORKER = "worker";
const FUNCTIONS = new Map([["run", { maxRestarts: 1 }]]);
const CLAIM: ClaimOperation = { kind: "claim", topic: "default", worker: WORKER, limit: 1, functions: FUNCTIONS };

function newTask(id: string, priority: number): NewTask {
  return { id, topic: "default", function: "run", args: "[]", priority, options: {}, maxQueueLen: 10 };
}

test("a task from before a start is not overtaken by one from after it that is stored in the same turn", async () => {
  const clock = new VirtualClock();
  await using storage = await MemoryStorage.open();
  const process = { bootId: "boot", pidNamespace: "pid", pid: 1, startTime: "1" };
  const worker = { id: WORKER, heartbeat: 0, leaseMs: 30_000, process };
  await storage.turn([{ kind: "registerWorker", worker }], { now: 0 });
  let runs = false;
  const started: string[] = [];
  const turns = new TurnLoop(storage, clock, {
    claims: () => (runs ? [CLAIM] : []),
    startFor: () => (runs ? { worker: WORKER, maxRestarts: 1 } : undefined),
    claimed: (_, tasks) => started.push(...tasks.map(({ id }) => id)),
    startedAtOnce: ({ id }) => started.push(id),
    disclaimer: () => undefined,
    doubtOver: () => undefined,
    notClaimed: () => undefined,
    failing: () => undefined,
  });
  const before = turns.submit({ kind: "enqueue", ...newTask("before", 1) });
  runs = true;
  const after = turns.submit({ kind: "enqueue", ...newTask("after", 10) });
  await Promise.all([before, after]);
  expect(started).toEqual(["before"]);
  await turns.close();
});
