import fc from "fast-check";
import type { Operation, Settlement } from "../../src/storage/port.ts";
import { claiming, enqueueing, FAILURE, workerRecord } from "./driver.ts";

const IDS = Array.from({ length: 10 }, (_, index) => `task-${index}`);
const WORKERS = ["w1", "w2"];
const TOPICS = ["default", "emails"];
const FUNCTIONS = ["work", "other", "rare"];

const id = fc.constantFrom(...IDS);
const worker = fc.constantFrom(...WORKERS);
const topic = fc.constantFrom(...TOPICS);
const limit = fc.integer({ min: 0, max: 4 });
const failure = fc.constantFrom(FAILURE, { code: "TASK_EXITED", message: "exit 1" } as const);
/** Mostly that of a first or second attempt, so that it often is the current one. */
const epoch = fc.integer({ min: 0, max: 4 });

const settlement: fc.Arbitrary<Settlement> = fc.oneof(
  fc.constantFrom<Settlement>({ kind: "finish", result: "1" }, { kind: "abort" }, { kind: "giveBack" }),
  fc.record({ kind: fc.constant("bury" as const), failure }),
  fc.record({ kind: fc.constant("restart" as const), failure, delayMs: fc.constantFrom(0, 5, 20) }),
);

const enqueue: fc.Arbitrary<Operation> = fc
  .record({
    id,
    topic,
    function: fc.constantFrom(...FUNCTIONS),
    priority: fc.constantFrom(1, 9, 10),
    options: fc.constantFrom({}, {}, { maxRestarts: 0 }, { maxRestarts: 1, timeoutMs: 5 }),
    maxQueueLen: fc.constantFrom(1, 2, Infinity),
    start: fc.constantFrom(undefined, ...WORKERS.map((name) => ({ worker: name, maxRestarts: 1 }))),
  })
  .map(({ id: taskId, start, ...rest }) => enqueueing(taskId, start === undefined ? rest : { ...rest, start }));

const claim: fc.Arbitrary<Operation> = fc
  .record({ topic, worker, limit, known: fc.subarray(FUNCTIONS, { minLength: 1 }) })
  .map(({ limit: most, known, ...rest }) =>
    claiming(most, { ...rest, functions: new Map(known.map((name) => [name, { maxRestarts: 1 }])) }),
  );

const otherOperation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant("progress" as const), id, epoch, progress: fc.constantFrom("0.1", "0.9") }),
  fc.record({ kind: fc.constant("requeue" as const), id }),
  fc.record({ kind: fc.constant("discard" as const), id }),
  fc.record({ kind: fc.constant("promote" as const), limit }),
  worker.map((name) => ({ kind: "registerWorker" as const, worker: workerRecord(name) })),
  worker.map((name) => ({ kind: "heartbeat" as const, worker: name })),
  fc.record({
    kind: fc.constant("rescue" as const),
    worker,
    heartbeat: fc.integer({ min: 0, max: 1 }),
    failure,
    limit: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constant("prune" as const),
    state: fc.constantFrom("finished" as const, "aborted" as const, "in_dead_letter_queue" as const),
    // Long ago, or all: which of several go first is told by a test of its own.
    endedBefore: fc.constantFrom(0, Infinity),
    limit: fc.constant(100),
  }),
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { arbitrary: enqueue, weight: 6 },
  { arbitrary: claim, weight: 5 },
  { arbitrary: fc.record({ kind: fc.constant("settle" as const), id, epoch, outcome: settlement }), weight: 8 },
  { arbitrary: fc.record({ kind: fc.constant("abort" as const), id }), weight: 2 },
  { arbitrary: otherOperation, weight: 4 },
);

/** One random turn, and how far the clock moves before it. */
export interface RandomTurn {
  readonly passedMs: number;
  readonly operations: readonly Operation[];
}

/** Sequences of turns over few tasks, workers and topics, so that they meet often. */
export const randomTurns: fc.Arbitrary<RandomTurn[]> = fc.array(
  fc.record({
    passedMs: fc.constantFrom(0, 0, 3, 10),
    operations: fc.oneof(fc.tuple(operation), fc.array(operation, { minLength: 2, maxLength: 6 })),
  }),
  { minLength: 1, maxLength: 40, size: "max" },
);
