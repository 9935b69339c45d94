import { describe, expect, test } from "vitest";
import type { Operation } from "../../src/storage/port.ts";
import { Leases } from "../../proof/history/leases.ts";

const LEASE_MS = 6_000;
const process = { bootId: "", pidNamespace: "", pid: 1, startTime: "" };

/** What a rescue of `w.0.1` at that moment is accused of; it registered at 0. */
function rescuedAt(trueMs: number, prepare: (leases: Leases) => void = () => undefined): string[] {
  const rules: string[] = [];
  const leases = new Leases(LEASE_MS, (rule) => rules.push(rule));
  const commit = (at: number, operation: Operation, value: unknown): void =>
    leases.committed({
      kind: "committed",
      at: 0,
      trueMs: at,
      worker: "rescuer",
      operations: [operation],
      outcomes: [{ ok: true, value: value as undefined }],
    });
  commit(0, { kind: "registerWorker", worker: { id: "w.0.1", heartbeat: 0, leaseMs: LEASE_MS, process } }, undefined);
  prepare(leases);
  const failure = { code: "WORKER_DIED", message: "gone" } as const;
  commit(trueMs, { kind: "rescue", worker: "w.0.1", heartbeat: 0, failure, limit: 1 }, { rescued: 1, done: false });
  return rules;
}

const stalled = (worker: string, from: number, to: number) => (leases: Leases) => {
  leases.worker({ kind: "worker", worker, event: "stalled", trueMs: from });
  leases.worker({ kind: "worker", worker, event: "woken", trueMs: to });
};

describe("of a worker that is taken for dead it accuses", () => {
  test("nobody after a lease of silence", () => {
    expect(rescuedAt(6_000)).toEqual([]);
  });

  test("who did not wait for a whole lease", () => {
    expect(rescuedAt(5_000)).toEqual(["rescue"]);
  });

  test("who counts a standstill of its own, but not one of another", () => {
    expect(rescuedAt(9_000, stalled("rescuer", 1_000, 8_000))).toEqual(["rescue"]);
    expect(rescuedAt(9_000, stalled("w", 1_000, 8_000))).toEqual([]);
    expect(rescuedAt(14_000, stalled("rescuer", 1_000, 8_000))).toEqual([]);
  });

  test("who counts a time in which nobody could write", () => {
    const locked = (leases: Leases): void => {
      leases.locked({ kind: "lock", isHeld: true, trueMs: 100 });
      leases.locked({ kind: "lock", isHeld: false, trueMs: 9_000 });
    };
    expect(rescuedAt(9_100, locked)).toEqual(["rescue"]);
    expect(rescuedAt(15_000, locked)).toEqual([]);
  });

  test("nobody where the worker is gone", () => {
    expect(rescuedAt(1_000, (leases) => leases.worker({ kind: "worker", worker: "w", event: "crashed" }))).toEqual([]);
  });
});
