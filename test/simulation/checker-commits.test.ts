import { describe, expect, test } from "vitest";
import type {
  ClaimedTask,
  ClaimOperation,
  EnqueueOptions,
  NewTask,
  Operation,
  OperationResults,
  Settlement,
} from "../../src/storage/port.ts";
import { check } from "../../proof/history/check.ts";
import type { ClientRequest, FinalState, HistoryEvent } from "../../proof/history/events.ts";

const RULES = {
  maxConcurrency: { emails: 10 },
  restarts: { ofFunctions: { special: 0 }, ofTopics: { emails: 1 } },
};
const FAILURE = { code: "TASK_FAILED", message: "It failed." } as const;

interface Step {
  readonly operation: Operation;
  readonly value: unknown;
}
/** One turn of the worker. */
const turn = (...steps: readonly Step[]): HistoryEvent => ({
  kind: "committed",
  at: 0,
  trueMs: 0,
  worker: "w",
  operations: steps.map(({ operation }) => operation),
  outcomes: steps.map(({ value }) => ({ ok: true, value: value as OperationResults["enqueue"] })),
});
const REGISTERED = turn({
  operation: {
    kind: "registerWorker",
    worker: {
      id: "w.0.1",
      heartbeat: 0,
      leaseMs: 1,
      process: { bootId: "", pidNamespace: "", pid: 1, startTime: "" },
    },
  },
  value: undefined,
});

interface Of {
  readonly priority?: number;
  readonly function?: string;
  readonly options?: EnqueueOptions;
  readonly attempt?: number;
  readonly epoch?: number;
  readonly maxRestarts?: number;
}
function newTask(id: string, { priority = 10, function: name = "send", options = {} }: Of = {}): NewTask {
  const start = { worker: "w.0.1", maxRestarts: 1 };
  return { id, topic: "emails", function: name, args: "[]", priority, options, maxQueueLen: 10, start };
}
function claimedTask(id: string, of: Of = {}): ClaimedTask {
  const { priority, function: name, options, topic, args } = newTask(id, of);
  const { attempt = 1, epoch = 1, maxRestarts = 1 } = of;
  return { id, topic, args, priority, function: name, options, attempt, epoch, maxRestarts };
}
const stored = (id: string, of: Of = {}): Step => ({
  operation: { kind: "enqueue", ...newTask(id, of) },
  value: { kind: "stored" },
});
const startedAtOnce = (id: string, of: Of = {}): Step => ({
  operation: { kind: "enqueue", ...newTask(id, of) },
  value: { kind: "claimed", task: claimedTask(id, of) },
});
const manyOf = (ids: readonly string[], started: readonly string[]): Step => ({
  operation: { kind: "enqueueMany", tasks: ids.map((id) => newTask(id)) },
  value: { kind: "stored", claimed: started.map((id) => claimedTask(id)), repeated: [] },
});
const claim = (limit: number, tasks: readonly ClaimedTask[], known = ["send", "special"]): Step => ({
  operation: {
    kind: "claim",
    topic: "emails",
    worker: "w.0.1",
    limit,
    functions: new Map(known.map((name) => [name, { maxRestarts: 1 }])),
  } satisfies ClaimOperation,
  value: tasks,
});
const settle = (id: string, outcome: Settlement, state: string, epoch = 1): Step => ({
  operation: { kind: "settle", id, epoch, outcome },
  value: { kind: "settled", state },
});
const BURY: Settlement = { kind: "bury", failure: FAILURE };
const RESTART: Settlement = { kind: "restart", failure: FAILURE, delayMs: 0 };
const final = (id: string, status: FinalState["status"], more: Partial<FinalState> = {}): HistoryEvent => ({
  kind: "final",
  id,
  status,
  attempt: 1,
  ...more,
});

let calls = 0;
const invoked = (request: ClientRequest): HistoryEvent => ({ kind: "invoked", call: ++calls, worker: "w", request });
const answered = (value: unknown): HistoryEvent => ({ kind: "answered", call: calls, outcome: "ok", value });
const worker = (event: "stopping" | "stopped" | "crashed"): HistoryEvent => ({ kind: "worker", worker: "w", event });

/** Stored and claimed once, and no restart left. */
const LAST_ATTEMPT = [
  REGISTERED,
  turn(stored("a", { options: { maxRestarts: 0 } })),
  turn(claim(1, [claimedTask("a", { maxRestarts: 0 })])),
];
const BURIED = [...LAST_ATTEMPT, turn(settle("a", BURY, "in_dead_letter_queue"))];
const FINISHED = [
  REGISTERED,
  turn(stored("a")),
  turn(claim(1, [claimedTask("a")])),
  turn(settle("a", { kind: "finish", result: "1" }, "finished")),
];

const rulesOf = (history: readonly HistoryEvent[]): string[] =>
  check([...history], RULES).violations.map(({ rule }) => rule);
const sentencesOf = (history: readonly HistoryEvent[]): string =>
  check([...history], RULES)
    .violations.map(({ rule, sentence }) => `${rule}: ${sentence}`)
    .join("\n");

describe("of tasks that start in the turn that stores them it accuses", () => {
  test.each<[string, string, HistoryEvent[]]>([
    [
      "one that overtakes another",
      "first in, first out",
      [REGISTERED, turn(stored("a")), turn(claim(1, []), startedAtOnce("b"))],
    ],
    [
      "one that overtakes a more urgent one",
      "priority",
      [REGISTERED, turn(stored("a", { priority: 1 })), turn(claim(1, []), startedAtOnce("b"))],
    ],
    [
      "one of many that overtakes another",
      "first in, first out",
      [REGISTERED, turn(stored("a")), turn(claim(1, []), manyOf(["b", "c"], ["b"]))],
    ],
    [
      "a later one of many that overtakes an earlier one",
      "first in, first out",
      [REGISTERED, turn(claim(1, []), manyOf(["b", "c"], ["c"]))],
    ],
    [
      "one whose function is unknown",
      "known functions",
      [REGISTERED, turn(claim(1, [], ["other"]), startedAtOnce("b"))],
    ],
    ["one after a claim without a row", "rescue", [turn(claim(1, []), startedAtOnce("b"))]],
    ["one without a slot", "concurrency", [REGISTERED, turn(claim(1, []), startedAtOnce("b"), startedAtOnce("c"))]],
    ["one in the slot of an earlier turn", "concurrency", [REGISTERED, turn(claim(1, [])), turn(startedAtOnce("b"))]],
  ])("%s", (_, rule, history) => {
    expect(rulesOf(history)).toContain(rule);
  });

  test("none that is next in its line", () => {
    const history = [REGISTERED, turn(claim(3, []), startedAtOnce("a"), manyOf(["b", "c"], ["b", "c"]))];
    const ofStarts = new Set(["priority", "first in, first out", "known functions", "rescue", "concurrency"]);
    expect(rulesOf(history).filter((rule) => ofStarts.has(rule))).toEqual([]);
  });
});

describe("of restarts it accuses", () => {
  test.each<[string, string, HistoryEvent[]]>([
    [
      "a claim that ignores the task's own number",
      "claimed with 1 restarts in place of 0",
      [REGISTERED, turn(stored("a", { options: { maxRestarts: 0 } })), turn(claim(1, [claimedTask("a")]))],
    ],
    [
      "a claim that ignores the function's number",
      "claimed with 1 restarts in place of 0",
      [
        REGISTERED,
        turn(stored("a", { function: "special" })),
        turn(claim(1, [claimedTask("a", { function: "special" })])),
      ],
    ],
    [
      "a claim that ignores the queue's number",
      "claimed with 2 restarts in place of 1",
      [REGISTERED, turn(stored("a")), turn(claim(1, [claimedTask("a", { maxRestarts: 2 })]))],
    ],
    [
      "a bury while restarts are left",
      "bury of a after attempt 1 of 2",
      [
        REGISTERED,
        turn(stored("a")),
        turn(claim(1, [claimedTask("a")])),
        turn(settle("a", BURY, "in_dead_letter_queue")),
      ],
    ],
    [
      "a restart when none is left",
      "restart of a after attempt 1 of 1",
      [...LAST_ATTEMPT, turn(settle("a", RESTART, "ready"))],
    ],
    [
      "another number of attempts at last",
      "attempts: a has counted 2 attempts in place of 1",
      [...BURIED, final("a", "in_dead_letter_queue", { attempt: 2, failures: 1 })],
    ],
    [
      "a failure that was not kept",
      "failures: 0 failures of a were recorded, and 1",
      [...BURIED, final("a", "in_dead_letter_queue", { failures: 0 })],
    ],
  ])("%s", (_, sentence, history) => {
    expect(sentencesOf(history)).toContain(sentence);
  });
});

describe("of what is there at last it accuses", () => {
  test.each<[string, string, HistoryEvent[]]>([
    [
      "a task that nobody has removed and that is gone",
      "lost: a is gone, and nobody",
      [...BURIED, final("a", undefined)],
    ],
    ["a task that was never stored", "unexpected: b is queued", [...BURIED, final("b", "queued")]],
    ["another end", "end states: a is finished at last", [...BURIED, final("a", "finished")]],
    ["another result", "end states: a holds 2 in place of 1", [...FINISHED, final("a", "finished", { result: "2" })]],
  ])("%s", (_, sentence, history) => {
    expect(sentencesOf(history)).toContain(sentence);
  });
});

describe("of answers it accuses", () => {
  test.each<[string, () => HistoryEvent[]]>([
    ["a result that is another's", () => [...FINISHED, invoked({ method: "result", id: "a" }), answered(2)]],
    ["no result where there is one", () => [...FINISHED, invoked({ method: "result", id: "a" }), answered(undefined)]],
    ["a requeue that was not done", () => [...BURIED, invoked({ method: "requeue", id: "a" }), answered(true)]],
    ["a requeue that was refused", () => [...BURIED, invoked({ method: "requeue", id: "a" }), answered(false)]],
    ["a discard that was not done", () => [...BURIED, invoked({ method: "discard", id: "a" }), answered(true)]],
    ["a discard that was refused", () => [...BURIED, invoked({ method: "discard", id: "a" }), answered(false)]],
  ])("%s", (_, historyOf) => {
    expect(rulesOf(historyOf())).toContain("answers");
  });

  test("none that are true", () => {
    const history = [
      ...FINISHED,
      invoked({ method: "result", id: "a" }),
      answered(1),
      invoked({ method: "requeue", id: "a" }),
      answered(false),
    ];
    expect(rulesOf(history)).not.toContain("answers");
  });
});

describe("of what never comes to its end it accuses", () => {
  test("a call that was open when everything had ended, although a stop answers it later", () => {
    const history = [...FINISHED, invoked({ method: "abort", id: "a" }), final("a", "finished", { result: "1" })];
    expect(rulesOf([...history, answered(false)])).toContain("liveness");
  });

  test("a call without a final state", () => {
    expect(rulesOf([...FINISHED, invoked({ method: "abort", id: "a" })])).toContain("liveness");
  });

  test("a stop", () => {
    expect(rulesOf([REGISTERED, worker("stopping")])).toContain("liveness");
  });

  test("nothing of a worker that has stopped or died, or where no commits are seen", () => {
    expect(rulesOf([REGISTERED, worker("stopping"), worker("stopped")])).toEqual([]);
    const open = invoked({ method: "status", id: "a" });
    expect(rulesOf([REGISTERED, open, worker("stopping"), worker("crashed")])).toEqual([]);
    expect(rulesOf([open, worker("stopping")])).toEqual([]);
  });
});
