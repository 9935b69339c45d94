import { array, constant, constantFrom, integer, oneof, record, subarray, tuple, type Arbitrary } from "fast-check";
import { IDEMPOTENCY_KEY_KEPT_MS } from "../../src/core/idempotency.ts";
import type { EnqueueOperation, Operation, Settlement } from "../../src/storage/port.ts";
import { claiming, enqueueing, FAILURE, workerRecord } from "./driver.ts";

/** When the clock of a driver starts. */
const START = 1_700_000_000_000;

const IDS = Array.from({ length: 10 }, (_, index) => `task-${index}`);
const WORKERS = ["w1", "w2"];
const TOPICS = ["default", "emails"];
const FUNCTIONS = ["work", "other", "rare"];

const KEYS = [
  { key: "first", contentHash: "this" },
  { key: "first", contentHash: "that" },
  { key: "second", contentHash: "this" },
];

const id = constantFrom(...IDS);
const worker = constantFrom(...WORKERS);
const topic = constantFrom(...TOPICS);
const limit = integer({ min: 0, max: 4 });
const failure = constantFrom(FAILURE, { code: "TASK_EXITED", message: "exit 1" } as const);
/** Mostly that of a first or second attempt, so that it often is the current one. */
const epoch = integer({ min: 0, max: 4 });

const settlement: Arbitrary<Settlement> = oneof(
  constantFrom<Settlement>({ kind: "finish", result: "1" }, { kind: "abort" }, { kind: "giveBack" }),
  record({ kind: constant("bury" as const), failure }),
  record({ kind: constant("restart" as const), failure, delayMs: constantFrom(0, 5, 20) }),
);

const enqueue: Arbitrary<EnqueueOperation> = record({
  id,
  topic,
  function: constantFrom(...FUNCTIONS),
  priority: constantFrom(1, 9, 10),
  options: constantFrom({}, {}, { maxRestarts: 0 }, { maxRestarts: 1, timeoutMs: 5 }),
  maxQueueLen: constantFrom(1, 2, Infinity),
  start: constantFrom(undefined, ...WORKERS.map((name) => ({ worker: name, maxRestarts: 1 }))),
  idempotency: constantFrom(undefined, undefined, undefined, ...KEYS),
  // In steps of a time that moves by a few milliseconds; the past and the present among them.
  runAt: constantFrom(undefined, undefined, undefined, 0, 3, 10, 30),
  expiresAt: constantFrom(undefined, undefined, undefined, 5, 20),
}).map(({ id: taskId, start, idempotency, runAt, expiresAt, ...rest }) =>
  enqueueing(taskId, {
    ...rest,
    ...(start && { start }),
    ...(idempotency && { idempotency }),
    ...(runAt !== undefined && { runAt: START + runAt }),
    ...(expiresAt !== undefined && { expiresAt: START + expiresAt }),
  }),
);

/** Its tasks get ids in {@link withOwnIds}. */
const enqueueMany: Arbitrary<Operation> = array(enqueue, { minLength: 1, maxLength: 5 }).map((tasks) => ({
  kind: "enqueueMany" as const,
  tasks,
}));

const claim: Arbitrary<Operation> = record({ topic, worker, limit, known: subarray(FUNCTIONS, { minLength: 1 }) }).map(
  ({ limit: most, known, ...rest }) =>
    claiming(most, { ...rest, functions: new Map(known.map((name) => [name, { maxRestarts: 1 }])) }),
);

const otherOperation: Arbitrary<Operation> = oneof(
  record({ kind: constant("progress" as const), id, epoch, progress: constantFrom("0.1", "0.9") }),
  record({ kind: constant("disclaim" as const), worker, known: array(record({ id, epoch }), { maxLength: 3 }) }),
  record({ kind: constant("requeue" as const), id }),
  record({ kind: constant("discard" as const), id }),
  constant<Operation>({ kind: "pruneKeys", limit: 100 }),
  record({ kind: constant("promote" as const), limit }),
  worker.map((name) => ({ kind: "registerWorker" as const, worker: workerRecord(name) })),
  worker.map((name) => ({ kind: "heartbeat" as const, worker: name })),
  worker.map((name) => ({ kind: "renewOffers" as const, worker: name })),
  record({ worker, topic, known: subarray(FUNCTIONS) }).map(({ worker: name, topic: of, known }) => ({
    kind: "registerTopic" as const,
    worker: name,
    registration: { topic: of, priority: 10, maxConcurrency: 10, maxQueueLen: 200, maxRestarts: 5 },
    functions: new Map(known.map((offered) => [offered, {}])),
  })),
  record({
    kind: constant("rescue" as const),
    worker,
    heartbeat: integer({ min: 0, max: 1 }),
    failure,
    limit: integer({ min: 1, max: 3 }),
  }),
  record({
    kind: constant("prune" as const),
    state: constantFrom("finished" as const, "aborted" as const, "in_dead_letter_queue" as const),
    // Long ago, or all: which of several go first is told by a test of its own.
    endedBefore: constantFrom(0, Infinity),
    topics: subarray(TOPICS),
    limit: constant(100),
    maxBytes: constant(Infinity),
  }),
);

const operation: Arbitrary<Operation> = oneof(
  { arbitrary: enqueue, weight: 6 },
  { arbitrary: enqueueMany, weight: 2 },
  { arbitrary: claim, weight: 5 },
  { arbitrary: record({ kind: constant("settle" as const), id, epoch, outcome: settlement }), weight: 8 },
  { arbitrary: record({ kind: constant("abort" as const), id }), weight: 2 },
  { arbitrary: otherOperation, weight: 4 },
);

/** One random turn, and how far the clock moves before it. */
export interface RandomTurn {
  readonly passedMs: number;
  readonly operations: readonly Operation[];
}

/** Sequences of turns over few tasks, workers and topics, so that they meet often. */
export const randomTurns: Arbitrary<RandomTurn[]> = array(
  record({
    passedMs: oneof({ arbitrary: constantFrom(0, 0, 3, 10), weight: 12 }, constant(IDEMPOTENCY_KEY_KEPT_MS)),
    operations: oneof(tuple(operation), array(operation, { minLength: 2, maxLength: 6 })),
  }),
  { minLength: 1, maxLength: 40, size: "max" },
).map((turns) => turns.map((turn, index) => withOwnIds(turn, index)));

/**
 * Gives each batch ids that no other takes: that a resent one changes nothing is told by a test of its own. They come
 * from where it stands, since random ones become equal when a counterexample is shrunk.
 */
function withOwnIds({ passedMs, operations }: RandomTurn, turn: number): RandomTurn {
  return {
    passedMs,
    operations: operations.map((one, place) =>
      one.kind === "enqueueMany"
        ? { ...one, tasks: one.tasks.map((task, index) => ({ ...task, id: `batch-${turn}-${place}-${index}` })) }
        : one,
    ),
  };
}
