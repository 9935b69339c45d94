import { describe, expect, test } from "vitest";
import { check } from "../../../proof/history/check.ts";
import type { Rules } from "../../../proof/history/rules.ts";
import type {
  AttemptBegan,
  ClientRequest,
  FinalState,
  HistoryEvent,
  WorkerEvent,
} from "../../../proof/history/events.ts";

/** As real processes write them: without the commits of the storage. */
const RULES: Rules = { maxConcurrency: { a: 2 }, maxRestarts: { a: 2 } };

let calls = 0;

function asked(request: ClientRequest, value?: unknown): HistoryEvent[] {
  calls += 1;
  const invoked: HistoryEvent = { kind: "invoked", call: calls, worker: "supervisor", request };
  return value === undefined ? [invoked] : [invoked, { kind: "answered", call: calls, outcome: "ok", value }];
}

function enqueued(id?: string): HistoryEvent[] {
  return asked({ method: "enqueue", task: { topic: "a", function: "work", priority: 10 } }, id);
}

function began(id: string, run: number, more: Partial<AttemptBegan> = {}): HistoryEvent {
  return { kind: "began", run: String(run), id, attempt: 1, topic: "a", worker: "one", ...more };
}

function finished(run: number): HistoryEvent {
  return { kind: "over", run: String(run), how: "finished", result: `run ${run}` };
}

function failed(run: number): HistoryEvent {
  return { kind: "over", run: String(run), how: "failed" };
}

function worker(event: WorkerEvent["event"], name = "one"): HistoryEvent {
  return { kind: "worker", worker: name, event };
}

function final(id: string, more: Partial<FinalState> = {}): HistoryEvent {
  return { kind: "final", id, status: "finished", attempt: 1, result: "run 1", ...more };
}

function violations(history: readonly HistoryEvent[], rules: Partial<Rules> = {}): string[] {
  return check(history, { ...RULES, ...rules }).violations.map(({ rule, sentence }) => `${rule}: ${sentence}`);
}

const DEAD = { status: "in_dead_letter_queue", attempt: 3 } as const;

test("a sound history has no violations", () => {
  const history = [
    ...enqueued("x"),
    ...enqueued("y"),
    began("x", 1),
    worker("stalled"),
    worker("crashed"),
    began("x", 2, { attempt: 2, worker: "two" }),
    began("y", 3, { worker: "two" }),
    finished(2),
    ...asked({ method: "status", id: "x" }, "finished"),
    failed(3),
    began("y", 4, { attempt: 2, worker: "two" }),
    failed(4),
    began("y", 5, { attempt: 3, worker: "two" }),
    failed(5),
    final("x", { attempt: 2, result: "run 2" }),
    final("y", DEAD),
  ];
  const { violations: found, ...verdict } = check(history, RULES);
  expect(found).toEqual([]);
  expect(verdict).toEqual({ acknowledged: 2, attempts: 5, lost: 0, unexpected: 0, duplicated: 0, recovered: 0 });
});

describe("what must not be", () => {
  test.each<[string, HistoryEvent[], string]>([
    ["a lost task", [...enqueued("x")], "lost: x was acknowledged, and is lost"],
    [
      "a task without an end",
      [...enqueued("x"), final("x", { status: "running" })],
      "every task ends: x is running although nothing fails any more",
    ],
    [
      "an id of two tasks",
      [...enqueued("x"), ...enqueued("x"), began("x", 1), finished(1), final("x")],
      "unexpected: x was given to two tasks",
    ],
    ["a stranger that ran", [began("z", 1), finished(1)], "unexpected: 1 tasks are there that nobody has enqueued"],
    [
      "a start after the end",
      [
        ...enqueued("x"),
        began("x", 1),
        finished(1),
        ...asked({ method: "status", id: "x" }, "finished"),
        began("x", 2, { attempt: 2 }),
        final("x"),
      ],
      "end states: x began again after its end",
    ],
    [
      "an attempt that begins twice",
      [...enqueued("x"), began("x", 1), began("x", 2, { worker: "two" }), finished(1), final("x")],
      "attempts: attempt 1 of x began after attempt 1",
    ],
    [
      "an attempt too many",
      [...enqueued("x"), began("x", 1, { attempt: 4 }), finished(1), final("x", { attempt: 3 })],
      "attempts: x began attempt 4 of 3",
    ],
    [
      "an attempt too many in the database",
      [...enqueued("x"), began("x", 1), failed(1), final("x", { ...DEAD, attempt: 4 })],
      "attempts: x has counted 4 attempts",
    ],
    [
      "a task that is given up too early",
      [...enqueued("x"), began("x", 1), failed(1), final("x", { ...DEAD, attempt: 1 })],
      "attempts: x was given up after 1 attempts",
    ],
    [
      "an abort that nobody has asked for",
      [...enqueued("x"), final("x", { status: "aborted" })],
      "end states: x is aborted, which nobody has asked for",
    ],
    [
      "the result of no attempt",
      [...enqueued("x"), began("x", 1), failed(1), final("x")],
      "end states: x is finished with run 1, which its attempt 1 has not returned",
    ],
    [
      "the result of an attempt that was taken over",
      [
        ...enqueued("x"),
        began("x", 1),
        worker("stalled"),
        finished(1),
        began("x", 2, { attempt: 2, worker: "two" }),
        finished(2),
        final("x", { attempt: 2, result: "run 1" }),
      ],
      "end states: x is finished with run 1, which its attempt 2 has not returned",
    ],
    [
      "an effect after an abort",
      [
        ...enqueued("x"),
        began("x", 1),
        ...asked({ method: "abort", id: "x" }, true),
        { kind: "effect", run: "1" },
        final("x", { status: "aborted" }),
      ],
      "abort: x had an effect after its abort was answered",
    ],
    [
      "an attempt that outlives a graceful stop",
      [...enqueued("x"), began("x", 1), worker("stopping"), worker("stopped"), final("x", DEAD)],
      "stop: 1 attempts outlived one",
    ],
    [
      "a start in a worker that has stopped",
      [...enqueued("x"), worker("stopped"), began("x", 1), finished(1), final("x")],
      "stop: x began in one, which is gone",
    ],
    [
      "an attempt that was cut short by a stop, and counted",
      [
        ...enqueued("x"),
        began("x", 1),
        worker("stopping"),
        { kind: "over", run: "1", how: "killed" },
        worker("stopped"),
        began("x", 2, { attempt: 2, worker: "two" }),
        finished(2),
        final("x", { result: "run 2" }),
      ],
      "stop: attempt 1 of x was cut short by a stop, and was counted",
    ],
  ])("%s is found", (_, history, violation) => {
    expect(violations(history)).toContain(violation);
  });

  test("too many at once are found", () => {
    const ids = ["x", "y", "z"];
    const starts = ids.map((id, index) => began(id, index));
    const history = [...ids.flatMap((id) => enqueued(id)), ...starts];
    expect(violations(history)).toContain("concurrency: 3 tasks of a ran at once in one");
    const released: HistoryEvent = { kind: "released", run: "0" };
    expect(violations([...history.slice(0, -1), released, ...starts.slice(-1)])).not.toContainEqual(
      expect.stringContaining("concurrency"),
    );
  });
});

describe("what may be", () => {
  test.each<[string, HistoryEvent[], Partial<Rules>]>([
    [
      "the same attempt once more after a stop",
      [
        ...enqueued("x"),
        began("x", 1),
        worker("stopping"),
        { kind: "over", run: "1", how: "killed" },
        worker("stopped"),
        began("x", 2, { worker: "two" }),
        finished(2),
        final("x", { result: "run 2" }),
      ],
      {},
    ],
    [
      "an attempt counted after a stop, where another worker has died since",
      [
        ...enqueued("x"),
        began("x", 1),
        worker("stopping"),
        { kind: "over", run: "1", how: "killed" },
        worker("stopped"),
        worker("crashed", "two"),
        began("x", 2, { attempt: 2, worker: "three" }),
        finished(2),
        final("x", { attempt: 2, result: "run 2" }),
      ],
      {},
    ],
    [
      "attempts from 1 on after a requeue",
      [
        ...enqueued("x"),
        ...[1, 2, 3].flatMap((attempt) => [began("x", attempt, { attempt }), failed(attempt)]),
        ...asked({ method: "requeue", id: "x" }, true),
        began("x", 4),
        finished(4),
        final("x", { result: "run 4" }),
      ],
      {},
    ],
    [
      "whatever a stalled worker does before it registers anew",
      [
        ...enqueued("x"),
        began("x", 1),
        worker("stalled"),
        began("x", 2, { attempt: 2, worker: "two" }),
        ...asked({ method: "abort", id: "x" }, true),
        { kind: "effect", run: "1" },
        began("x", 3),
        { kind: "over", run: "2", how: "killed" },
        worker("woken"),
        final("x", { status: "aborted" }),
      ],
      {},
    ],
    ["an ended task that is gone", [...enqueued("x"), began("x", 1), finished(1)], { prunes: true }],
    ["a task whose enqueue was not answered", [...enqueued(), began("x", 1), finished(1), final("x")], {}],
  ])("%s is no violation", (_, history, rules) => {
    expect(violations(history, rules)).toEqual([]);
  });

  test("but not that a task which never ended is gone, nor what a worker does once it has registered anew", () => {
    expect(violations([...enqueued("x"), began("x", 1), failed(1)], { prunes: true })).toEqual([
      "lost: x was acknowledged, and is lost",
    ]);
    const history = [
      ...enqueued("x"),
      worker("stalled"),
      worker("woken"),
      began("x", 1),
      ...asked({ method: "abort", id: "x" }, true),
      { kind: "effect", run: "1" } as const,
      final("x", { status: "aborted" }),
    ];
    expect(violations(history)).toEqual(["abort: x had an effect after its abort was answered"]);
  });
});
