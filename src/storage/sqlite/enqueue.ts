import { enqueueAll } from "../enqueue-all.ts";
import { repeatOf } from "../known-keys.ts";
import type { ClaimedTask, EnqueueManyResult, EnqueueResult, NewTask } from "../port.ts";
import { findKey, keepKey } from "./idempotency-keys.ts";
import type { TurnContext } from "./turn-context.ts";

/** Arguments above this length (in UTF-16 units) are kept apart from the row, so that no change of state rewrites them. */
const LONGEST_ARGS_IN_ROW = 2_000;

/** Stores a task at the end of its line or, in a slot that is free, as already claimed. */
export function enqueue(turn: TurnContext, operation: NewTask): EnqueueResult {
  return repeatOf(operation, (key) => findKey(turn, key)) ?? store(turn, operation);
}

/** As {@link enqueue}, of a task whose idempotency key is new. */
function store(turn: TurnContext, operation: NewTask): EnqueueResult {
  const result = place(turn, operation);
  if (result.kind !== "full") keepKey(turn, operation);
  return result;
}

function place(turn: TurnContext, operation: NewTask): EnqueueResult {
  const { topic, start } = operation;
  if (start !== undefined && turn.freeSlots.has(topic, start.worker)) {
    const task = insertRunning(turn, operation, start);
    if (task === undefined) return { kind: "stored" };
    turn.freeSlots.take(topic, start.worker);
    return { kind: "claimed", task };
  }
  if (turn.counters.capacity(operation.topic, operation.priority) >= operation.maxQueueLen) {
    return turn.statements.tasks.exists.get(operation.id) === undefined ? { kind: "full" } : { kind: "stored" };
  }
  insertReady(turn, operation);
  return { kind: "stored" };
}

export function enqueueMany(turn: TurnContext, tasks: readonly NewTask[]): EnqueueManyResult {
  return enqueueAll(tasks, {
    freeSlots: turn.freeSlots,
    findKey: (key) => findKey(turn, key),
    isStored: (id) => turn.statements.tasks.exists.get(id) !== undefined,
    waiting: (topic, priority) => turn.counters.capacity(topic, priority),
    store: (task) => store(turn, task),
  });
}

function insertReady({ statements, counters, now }: TurnContext, operation: NewTask): void {
  const { id, topic, function: name, priority, options, args } = operation;
  const isLong = args.length > LONGEST_ARGS_IN_ROW;
  const { changes, lastInsertRowid } = statements.tasks.insertReady.run(
    id,
    topic,
    name,
    priority,
    counters.nextSequence(),
    now,
    options.timeoutMs ?? null,
    options.abortGraceMs ?? null,
    options.maxRestarts ?? null,
    options.maxBackoffMs ?? null,
    isLong ? null : args,
  );
  if (changes === 0) return;
  if (isLong) statements.tasks.insertLongArgs.run(lastInsertRowid, args);
  counters.state(topic, "ready", 1);
  counters.ready(operation, 1, true);
}

/** Undefined: the id is stored already. */
function insertRunning(
  { statements, counters, now }: TurnContext,
  operation: NewTask,
  start: { readonly worker: string; readonly maxRestarts: number },
): ClaimedTask | undefined {
  const { id, topic, function: name, priority, options, args } = operation;
  const isLong = args.length > LONGEST_ARGS_IN_ROW;
  const maxRestarts = options.maxRestarts ?? start.maxRestarts;
  const { changes, lastInsertRowid } = statements.tasks.insertRunning.run(
    id,
    topic,
    name,
    priority,
    counters.nextSequence(),
    now,
    options.timeoutMs ?? null,
    options.abortGraceMs ?? null,
    options.maxRestarts ?? null,
    options.maxBackoffMs ?? null,
    isLong ? null : args,
    now,
    start.worker,
    maxRestarts,
  );
  if (changes === 0) return undefined;
  if (isLong) statements.tasks.insertLongArgs.run(lastInsertRowid, args);
  counters.state(topic, "running", 1);
  return { id, epoch: 1, topic, function: name, args, priority, attempt: 1, maxRestarts, options };
}
