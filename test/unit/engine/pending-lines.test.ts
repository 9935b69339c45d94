import { describe, expect, it } from "vitest";
import { PendingLines } from "../../../src/engine/pending-lines.ts";
import { type Pending, pendingOf } from "../../../src/engine/pending-operations.ts";
import type { Operation } from "../../../src/storage/port.ts";

function pending(operation: Operation): Pending {
  return pendingOf(operation, 0, () => undefined);
}

function enqueue(id: string, args = "[]"): Operation {
  const task = { id, topic: "default", function: "run", args, priority: 10, options: {}, maxQueueLen: 10 };
  return { kind: "enqueue", ...task };
}

const abort = (id: string): Operation => ({ kind: "abort", id });
const finish = (id: string, result = "1"): Operation => ({
  kind: "settle",
  id,
  epoch: 1,
  outcome: { kind: "finish", result },
});
const BEAT: Operation = { kind: "heartbeat", worker: "w" };

function linesOf(...operations: Operation[]): PendingLines {
  const lines = new PendingLines();
  for (const operation of operations) lines.add(pending(operation));
  return lines;
}

/** What a turn takes, in its order. */
function turn(lines: PendingLines): string[] {
  const { urgent, enqueues } = lines.takeTurn();
  return [...urgent, ...enqueues].map(({ operation }) =>
    "id" in operation ? `${operation.kind} ${operation.id}` : operation.kind,
  );
}

const many = (count: number, of: (index: number) => Operation): Operation[] =>
  Array.from({ length: count }, (_, index) => of(index));

describe("the operations that wait", () => {
  it("are taken upkeep first, then changes of tasks, then enqueues", () => {
    const lines = linesOf(enqueue("a"), finish("x"), enqueue("b"), BEAT, abort("y"));
    expect(turn(lines)).toEqual(["heartbeat", "settle x", "abort y", "enqueue a", "enqueue b"]);
    expect(lines.isEmpty).toBe(true);
  });

  it("let a heartbeat and an abort pass ten thousand enqueues", () => {
    const lines = linesOf(...many(10_000, (index) => enqueue(`${index}`)), abort("y"), BEAT);
    const first = turn(lines);
    expect(first.slice(0, 3)).toEqual(["heartbeat", "abort y", "enqueue 0"]);
    expect(first).toHaveLength(1_000);
  });

  it("keep some of each turn for enqueues, however many ends there are", () => {
    const lines = linesOf(enqueue("a"), ...many(3_000, (index) => finish(`${index}`)));
    const first = turn(lines);
    expect(first).toHaveLength(901);
    expect(first.at(-1)).toBe("enqueue a");
    expect(turn(lines)).toHaveLength(1_000);
  });

  it("are bounded by bytes, not by characters, results included; one goes whatever its size", () => {
    const wide = JSON.stringify(["ä".repeat(1_100_000)]); // 2.2 MB
    const lines = linesOf(...many(4, (index) => enqueue(`${index}`, wide)));
    expect(turn(lines)).toEqual(["enqueue 0"]);
    const results = linesOf(...many(4, (index) => finish(`${index}`, wide)), enqueue("a"));
    expect(turn(results)).toEqual(["settle 0", "enqueue a"]);
    expect(turn(linesOf(enqueue("a", "x".repeat(5_000_000))))).toEqual(["enqueue a"]);
  });

  it("keep the order of what is done to one task", () => {
    const lines = linesOf(enqueue("a"), abort("a"), abort("b"), enqueue("c"));
    expect(turn(lines)).toEqual(["abort b", "enqueue a", "abort a", "enqueue c"]);
    lines.add(pending(abort("a")));
    lines.add(pending(enqueue("d")));
    expect(turn(lines)).toEqual(["abort a", "enqueue d"]);
  });

  it("keep that order also where the turn of the enqueue has failed", () => {
    const lines = linesOf(enqueue("a"), enqueue("b"));
    const batch = lines.takeTurn();
    for (const operation of [abort("a"), enqueue("c"), BEAT]) lines.add(pending(operation));
    lines.giveBack(batch);
    expect(turn(lines)).toEqual(["heartbeat", "enqueue a", "enqueue b", "enqueue c", "abort a"]);
  });

  it("are taken out where they have waited too long, and then hold nothing back", () => {
    const lines = linesOf(enqueue("a"), BEAT, finish("x"));
    const out = lines.takeOut(({ operation }) => operation.kind !== "settle");
    expect(out.map(({ operation }) => operation.kind)).toEqual(["heartbeat", "enqueue"]);
    lines.add(pending(abort("a")));
    lines.add(pending(enqueue("b")));
    expect(turn(lines)).toEqual(["settle x", "abort a", "enqueue b"]);
  });
});
