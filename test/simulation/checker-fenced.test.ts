import { expect, test } from "vitest";
import type { ClaimedTask } from "../../src/storage/port.ts";
import { FencedClaims } from "../../proof/history/fenced-claims.ts";

const failure = { code: "WORKER_DIED", message: "gone" } as const;

function claimedTask(id: string, attempt: number): ClaimedTask {
  return {
    id,
    epoch: attempt,
    topic: "t",
    function: "f",
    args: "[]",
    priority: 10,
    attempt,
    maxRestarts: 1,
    options: {},
  };
}

/** What `w.0.1` has claimed as attempt 1, and `w.0.2` as attempt 2. */
function claims(): FencedClaims {
  const fenced = new FencedClaims();
  const claim = { kind: "claim", topic: "t", limit: 1, functions: new Map() } as const;
  fenced.committed({ ...claim, worker: "w.0.1" }, [claimedTask("a", 1)]);
  fenced.committed({ ...claim, worker: "w.0.2" }, [claimedTask("a", 2)]);
  return fenced;
}

test("only what a worker has claimed under the id that was rescued is fenced", () => {
  const fenced = claims();
  expect(fenced.has("a", 1)).toBe(false);
  fenced.committed({ kind: "rescue", worker: "w.0.1", heartbeat: 0, failure, limit: 1 }, { rescued: 1, done: false });
  expect(fenced.has("a", 1)).toBe(true);
  expect(fenced.has("a", 2)).toBe(false);
  expect(fenced.has("b", 1)).toBe(false);
});

test("a rescue that found the heartbeat moved fences nothing", () => {
  const fenced = claims();
  fenced.committed({ kind: "rescue", worker: "w.0.1", heartbeat: 0, failure, limit: 1 }, { rescued: 0, done: false });
  expect(fenced.has("a", 1)).toBe(false);
});

test("so is what was started in the turn that stored it", () => {
  const fenced = new FencedClaims();
  const start = { worker: "w.0.1", maxRestarts: 1 };
  const task = { id: "a", topic: "t", function: "f", args: "[]", priority: 10, options: {}, maxQueueLen: 1, start };
  fenced.committed({ kind: "enqueue", ...task }, { kind: "claimed", task: claimedTask("a", 1) });
  const tasks = [{ ...task, id: "b" }];
  const stored = { kind: "stored", claimed: [claimedTask("b", 1)], repeated: [] } as const;
  fenced.committed({ kind: "enqueueMany", tasks }, stored);
  fenced.committed({ kind: "rescue", worker: "w.0.1", heartbeat: 0, failure, limit: 9 }, { rescued: 2, done: true });
  expect(fenced.has("a", 1) && fenced.has("b", 1)).toBe(true);
});
