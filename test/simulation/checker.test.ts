import { describe, expect, test } from "vitest";
import { check } from "../../proof/history/check.ts";
import type { ClientRequest, FinalState, HistoryEvent } from "../../proof/history/events.ts";
import { expectLinear } from "./expect-linear.ts";

const RULES = { maxConcurrency: { emails: 1 } };
const TASK = { topic: "emails", function: "send", priority: 10 };

let calls = 0;
function call(request: ClientRequest, value: unknown): HistoryEvent[] {
  calls += 1;
  return [
    { kind: "invoked", call: calls, worker: "w", request },
    { kind: "answered", call: calls, outcome: "ok", value },
  ];
}
const enqueued = (id: string): HistoryEvent[] => call({ method: "enqueue", task: TASK }, id);
const asked = (method: "abort" | "status", id: string, value: unknown): HistoryEvent[] => call({ method, id }, value);
const began = (run: number, id: string, worker = "w", attempt = 1): HistoryEvent => ({
  kind: "began",
  run: String(run),
  id,
  attempt,
  topic: "emails",
  worker,
});
const over = (run: number, result = "1"): HistoryEvent => ({ kind: "over", run: String(run), how: "finished", result });
const effect = (run: number): HistoryEvent => ({ kind: "effect", run: String(run) });
const final = (id: string, status?: "finished" | "queued" | "aborted", result?: string): FinalState => ({
  kind: "final",
  id,
  status,
  attempt: 1,
  ...(result === undefined ? {} : { result }),
});
const crashed = (worker: string): HistoryEvent => ({ kind: "worker", worker, event: "crashed" });
const stopped = (worker: string): HistoryEvent => ({ kind: "worker", worker, event: "stopped" });

const GOOD = [...enqueued("a"), began(1, "a"), effect(1), over(1), final("a", "finished", "1")];

test("a good history breaks no rule, and is told in numbers", () => {
  expect(check(GOOD, RULES)).toEqual({
    violations: [],
    acknowledged: 1,
    attempts: 1,
    lost: 0,
    unexpected: 0,
    duplicated: 0,
    recovered: 0,
  });
});

describe("without the commits of the storage it accuses", () => {
  test.each<[string, string, HistoryEvent[]]>([
    ["an acknowledged task that is gone", "lost", [...enqueued("a"), final("a")]],
    ["an acknowledged task of which nothing is said", "lost", enqueued("a")],
    ["a task that never ends", "every task ends", [...enqueued("a"), final("a", "queued")]],
    ["an id given twice", "unexpected", [...enqueued("a"), ...GOOD]],
    ["a task that nobody has enqueued", "unexpected", [...GOOD, final("b", "aborted")]],
    [
      "an end that no attempt has brought about",
      "end states",
      [...enqueued("a"), began(1, "a"), final("a", "finished", "1")],
    ],
    [
      "the result of another attempt",
      "end states",
      [...enqueued("a"), began(1, "a"), over(1, "1"), final("a", "finished", "2")],
    ],
    [
      "a start after the end was read",
      "end states",
      [...GOOD.slice(0, 5), ...asked("status", "a", "finished"), began(2, "a")],
    ],
    [
      "an effect after an abort was answered",
      "abort",
      [...enqueued("a"), began(1, "a"), ...asked("abort", "a", true), effect(1)],
    ],
    ["an effect after the end of its attempt", "kill", [...enqueued("a"), began(1, "a"), over(1), effect(1)]],
    [
      "two at once where one may run",
      "concurrency",
      [...enqueued("a"), ...enqueued("b"), began(1, "a"), began(2, "b")],
    ],
    ["a start in a worker that is gone", "stop", [...enqueued("a"), stopped("w"), began(1, "a")]],
    ["an attempt that outlives a graceful stop", "stop", [...enqueued("a"), began(1, "a"), stopped("w")]],
  ])("%s", (_, rule, history) => {
    const { violations } = check(history, RULES);
    expect(violations.map((violation) => violation.rule)).toContain(rule);
  });

  test("none of what at-least-once allows", () => {
    const history: HistoryEvent[] = [
      ...enqueued("a"),
      began(1, "a"),
      over(1, "1"),
      crashed("w"),
      began(2, "a", "other", 2),
      over(2, "2"),
      { kind: "invoked", call: 9_999, worker: "w", request: { method: "enqueue", task: TASK } },
      { kind: "answered", call: 9_999, outcome: "unknown", code: "DIED" },
      { ...final("a", "finished", "2"), attempt: 2 },
      began(3, "b", "other"),
      over(3, "3"),
      final("b", "finished", "3"),
    ];
    expect(check(history, RULES)).toMatchObject({ violations: [], duplicated: 1, recovered: 1, unexpected: 0 });
  });
});

test("a task may be gone whose discard was never answered", () => {
  const discard: HistoryEvent = { kind: "invoked", call: 9_998, worker: "w", request: { method: "discard", id: "a" } };
  expect(check([...enqueued("a"), discard, final("a")], RULES)).toMatchObject({ violations: [], lost: 0 });
});

test("says where in the history a rule was broken", () => {
  const history = [...enqueued("a"), began(1, "a"), over(1), effect(1)];
  expect(check(history, RULES).violations[0]).toMatchObject({ rule: "kill", index: 4 });
});

test("takes time in proportion to the length of the history", () => {
  const historyOf = (tasks: number): HistoryEvent[] =>
    Array.from({ length: tasks }, (_, index) => [
      ...enqueued(`t${index}`),
      began(index, `t${index}`),
      over(index),
      final(`t${index}`, "finished", "1"),
    ]).flat();
  expectLinear(historyOf, RULES);
});
