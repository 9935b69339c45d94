import { describe, expect, test } from "vitest";
import type { EnqueueManyOperation, EnqueueOperation, NewTask, OperationResults } from "../../src/storage/port.ts";
import { check } from "../../proof/history/check.ts";
import type { ClientRequest, EnqueuedTask, HistoryEvent } from "../../proof/history/events.ts";
import { expectLinear } from "./expect-linear.ts";

const RULES = { maxConcurrency: { emails: 10 } };
const UNKEYED: EnqueuedTask = { topic: "emails", function: "send", priority: 10 };
const keyed = (key: string, content = "A"): EnqueuedTask => ({ ...UNKEYED, keyed: { key, content } });

type Outcome = { outcome: "ok"; value: unknown } | { outcome: "fail" | "unknown"; code: string };
const UNKNOWN: Outcome = { outcome: "unknown", code: "DIED" };
const CONFLICT: Outcome = { outcome: "fail", code: "IDEMPOTENCY_CONFLICT" };
const FULL: Outcome = { outcome: "fail", code: "QUEUE_FULL" };
const ok = (value: unknown): Outcome => ({ outcome: "ok", value });

let calls = 0;
/** A call, and its answer where there is one. */
function call(request: ClientRequest, outcome?: Outcome): HistoryEvent[] {
  calls += 1;
  const invoked: HistoryEvent = { kind: "invoked", call: calls, worker: "w", request };
  return outcome === undefined ? [invoked] : [invoked, { kind: "answered", call: calls, ...outcome }];
}
const one = (task: EnqueuedTask, outcome?: Outcome): HistoryEvent[] => call({ method: "enqueue", task }, outcome);
const many = (tasks: readonly EnqueuedTask[], outcome?: Outcome): HistoryEvent[] =>
  call({ method: "enqueueMany", tasks }, outcome);
/** Two calls of which the first is under way until the second was answered. */
const around = ([invoked, answered]: HistoryEvent[], inner: HistoryEvent[]): HistoryEvent[] =>
  [invoked, ...inner, answered].filter((event) => event !== undefined);

/** It ran, and came to its end. */
function ran(id: string): HistoryEvent[] {
  calls += 1;
  return [
    { kind: "began", run: String(calls), id, attempt: 1, topic: "emails", worker: "w" },
    { kind: "over", run: String(calls), how: "finished", result: "1" },
    { kind: "final", id, status: "finished", attempt: 1, result: "1" },
  ];
}

const rulesOf = (history: HistoryEvent[]): string[] => check(history, RULES).violations.map(({ rule }) => rule);

describe("from the answers alone it accuses", () => {
  test.each<[string, string, HistoryEvent[]]>([
    ["two ids for one key", "idempotency", [...one(keyed("k"), ok("a")), ...one(keyed("k"), ok("b"))]],
    ["two ids for one key in one call", "idempotency", many([keyed("k"), keyed("k")], ok(["a", "b"]))],
    [
      "a key taken for two contents",
      "idempotency",
      [...one(keyed("k", "A"), ok("a")), ...one(keyed("k", "B"), ok("a"))],
    ],
    ["a conflict of a key that is new", "idempotency", one(keyed("k"), CONFLICT)],
    ["a conflict of many tasks whose keys are new", "idempotency", many([keyed("k"), UNKEYED, keyed("l")], CONFLICT)],
    ["a conflict without a key", "idempotency", one(UNKEYED, CONFLICT)],
    ["a conflict with the same content", "idempotency", [...one(keyed("k"), UNKNOWN), ...one(keyed("k"), CONFLICT)]],
    [
      "a conflict with what was refused",
      "idempotency",
      [...one(keyed("k", "B"), FULL), ...one(keyed("k", "A"), CONFLICT)],
    ],
    [
      "a conflict with what is sent later",
      "idempotency",
      [...one(keyed("k", "A"), CONFLICT), ...one(keyed("k", "B"), ok("b"))],
    ],
    [
      "a conflict of the very content that was taken",
      "idempotency",
      [...one(keyed("k", "A"), ok("a")), ...one(keyed("k", "B"), UNKNOWN), ...one(keyed("k", "A"), CONFLICT)],
    ],
    ["an id given to two keys", "unexpected", [...one(keyed("k"), ok("a")), ...one(keyed("l"), ok("a"))]],
    ["the id of a key given to a task without", "unexpected", [...one(keyed("k"), ok("a")), ...one(UNKEYED, ok("a"))]],
    ["an id given to a task without a key, and to one", "unexpected", many([UNKEYED, keyed("k")], ok(["a", "a"]))],
    [
      "a second task of a key of which no answer came",
      "unexpected",
      [...one(keyed("k"), UNKNOWN), ...one(keyed("k", "B")), ...ran("a"), ...ran("b")],
    ],
    [
      "a task beside the one that was answered for its key",
      "unexpected",
      [...one(keyed("k"), UNKNOWN), ...one(keyed("k"), ok("a")), ...ran("a"), ...ran("b")],
    ],
    ["a task of an enqueue that was refused", "unexpected", [...one(keyed("k"), FULL), ...ran("a")]],
  ])("%s", (_, rule, history) => {
    expect(rulesOf(history)).toContain(rule);
  });
});

describe("from the answers alone it does not accuse", () => {
  test.each<[string, HistoryEvent[]]>([
    ["an id answered again for its key", [...one(keyed("k"), ok("a")), ...one(keyed("k"), ok("a")), ...ran("a")]],
    [
      "an id answered again in one call, and in the other kind of call",
      [
        ...many([keyed("k"), UNKEYED, keyed("k")], ok(["a", "b", "a"])),
        ...one(keyed("k"), ok("a")),
        ...ran("a"),
        ...ran("b"),
      ],
    ],
    ["the answer of a key after a refusal", [...one(keyed("k"), FULL), ...one(keyed("k"), ok("a")), ...ran("a")]],
    [
      "a conflict with what was taken",
      [...one(keyed("k", "A"), ok("a")), ...one(keyed("k", "B"), CONFLICT), ...ran("a")],
    ],
    ["a conflict with what may have been taken", [...one(keyed("k", "B"), UNKNOWN), ...one(keyed("k", "A"), CONFLICT)]],
    [
      "a conflict with what is under way",
      around(one(keyed("k", "B"), ok("b")), one(keyed("k", "A"), CONFLICT)).concat(ran("b")),
    ],
    ["a conflict within one call", many([keyed("k", "A"), keyed("k", "B")], CONFLICT)],
    [
      "a conflict of one task of many",
      [...one(keyed("k", "A"), ok("a")), ...many([UNKEYED, keyed("l"), keyed("k", "B")], CONFLICT), ...ran("a")],
    ],
    [
      "the id of a task that was discarded",
      [...one(keyed("k"), ok("a")), ...call({ method: "discard", id: "a" }, ok(true)), ...one(keyed("k"), ok("a"))],
    ],
  ])("%s", (_, history) => {
    expect(check(history, RULES).violations).toEqual([]);
  });

  test("the one task of several enqueues of one key that were not answered", () => {
    const history = [
      ...one(keyed("k"), UNKNOWN),
      ...many([keyed("k"), keyed("l")], UNKNOWN),
      ...one(keyed("k", "B")),
      ...ran("a"),
      ...ran("b"),
    ];
    expect(check(history, RULES)).toMatchObject({ violations: [], acknowledged: 0, recovered: 2, unexpected: 0 });
  });
});

const stored = (id: string, key?: string, contentHash = "A"): NewTask => ({
  id,
  topic: "emails",
  function: "send",
  args: "[]",
  priority: 10,
  options: {},
  maxQueueLen: 10,
  ...(key === undefined ? {} : { idempotency: { key, contentHash } }),
});
/** What is committed, without a call: only what the rule says of it is looked at. */
const commit = (
  operation: EnqueueOperation | EnqueueManyOperation,
  value: OperationResults["enqueue"] | OperationResults["enqueueMany"],
): HistoryEvent => ({
  kind: "committed",
  at: 0,
  trueMs: 0,
  worker: "w",
  operations: [operation],
  outcomes: [{ ok: true, value }],
});
const putOne = (task: NewTask, value: OperationResults["enqueue"]): HistoryEvent =>
  commit({ kind: "enqueue", ...task }, value);
const putMany = (tasks: readonly NewTask[], value: OperationResults["enqueueMany"]): HistoryEvent =>
  commit({ kind: "enqueueMany", tasks }, value);
const STORED = { kind: "stored" } as const;
const storedBeside = (...repeated: { index: number; id: string }[]): OperationResults["enqueueMany"] => ({
  kind: "stored",
  claimed: [],
  repeated,
});
const FIRST = putOne(stored("a", "k"), STORED);

describe("from the commits it accuses", () => {
  test.each<[string, HistoryEvent[]]>([
    ["a second task of a key", [FIRST, putOne(stored("b", "k"), STORED)]],
    ["a second task of a key with other content", [FIRST, putOne(stored("b", "k", "B"), STORED)]],
    ["a second task of a key among many", [FIRST, putMany([stored("b"), stored("c", "k")], storedBeside())]],
    ["two tasks of a key in one call", [putMany([stored("a", "k"), stored("b", "k")], storedBeside())]],
    ["a repeat of another task", [FIRST, putOne(stored("b", "k"), { kind: "repeated", id: "c" })]],
    ["a repeat of a key that is new", [putOne(stored("b", "k"), { kind: "repeated", id: "a" })]],
    ["a repeat of other content", [FIRST, putOne(stored("b", "k", "B"), { kind: "repeated", id: "a" })]],
    ["a repeat of another task among many", [FIRST, putMany([stored("b", "k")], storedBeside({ index: 0, id: "c" }))]],
    ["a repeat without a key", [putOne(stored("b"), { kind: "repeated", id: "a" })]],
    ["a conflict of a key that is new", [putOne(stored("a", "k"), { kind: "conflict" })]],
    ["a conflict of the same content", [FIRST, putOne(stored("b", "k"), { kind: "conflict" })]],
    [
      "a conflict of another of many",
      [FIRST, putMany([stored("b"), stored("c", "k", "B")], { kind: "conflict", index: 0 })],
    ],
    ["no place for what is stored already", [FIRST, putOne(stored("b", "k"), { kind: "full" })]],
    ["no place for what is another's key", [FIRST, putMany([stored("b", "k", "B")], { kind: "full", index: 0 })]],
  ])("%s", (_, history) => {
    expect(rulesOf(history)).toContain("idempotency");
  });
});

test("from the commits it does not accuse what keys are for", () => {
  const history = [
    putOne(stored("x", "k"), { kind: "full" }),
    FIRST,
    putOne(stored("b", "k"), { kind: "repeated", id: "a" }),
    putOne(stored("c", "k", "B"), { kind: "conflict" }),
    putMany(
      [stored("d", "l"), stored("e"), stored("f", "l"), stored("g", "k")],
      storedBeside({ index: 2, id: "d" }, { index: 3, id: "a" }),
    ),
    putMany([stored("h", "m"), stored("i", "m", "B")], { kind: "conflict", index: 1 }),
    putMany([stored("j", "m", "B"), stored("k", "k")], { kind: "full", index: 0 }),
    putOne(stored("l", "m", "B"), STORED),
    // Sent to the storage a second time, as it is.
    putOne(stored("l", "m", "B"), { kind: "repeated", id: "l" }),
  ];
  expect(rulesOf(history)).toEqual([]);
});

test("takes time in proportion to the number of enqueues, of one key and of many", () => {
  const historyOf = (enqueues: number): HistoryEvent[] =>
    Array.from({ length: enqueues }, (_, index) => [
      ...many([keyed("k"), keyed(`k${index}`)], ok(["a", `a${index}`])),
      ...one(keyed("k", `B${index}`), index % 2 === 0 ? CONFLICT : UNKNOWN),
    ]).flat();
  expectLinear(historyOf, RULES);
});
