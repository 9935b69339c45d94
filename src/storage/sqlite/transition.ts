import { assertNever } from "../../core/errors.ts";
import type { FailureReason } from "../../core/failure.ts";
import { requireTransition, type TransitionEvent } from "../../core/transitions.ts";
import type { NewTask } from "../port.ts";
import type { Counted } from "./counters.ts";
import { recordFailure } from "./failures.ts";
import { writeStoredOptions } from "./stored-options.ts";
import type { TaskRow } from "./task-row.ts";
import type { Turn } from "./turn.ts";
import type { Sql } from "./prepared.ts";

/** The state that a task is to have, with what is written along. */
export type Next =
  /** At the end of its line; or, `keepsPlace`, where it stood before. */
  | { readonly to: "ready"; readonly attempt?: number; readonly requeued?: true; readonly keepsPlace?: true }
  | { readonly to: "waiting"; readonly dueAt: number }
  | { readonly to: "running"; readonly worker: string; readonly maxRestarts: number }
  | { readonly to: "finished"; readonly result: string | undefined }
  | { readonly to: "in_dead_letter_queue" }
  | { readonly to: "aborted" }
  | { readonly to: "removed" };

/** Arguments above this length (in UTF-16 units) are kept apart from the row, so that no change of state rewrites them. */
const LONGEST_ARGS_IN_ROW = 2_000;

export const TRANSITION_SQL: Sql<
  "insert" | "insertLongArgs" | "ready" | "waiting" | "running" | "finished" | "dead" | "aborted" | "remove"
> = {
  insert: `
    INSERT INTO tasks (
      id, topic, function, priority, state, sequence, attempt, epoch, enqueued_at, run_at, due_at, expires_at, options,
      args, worker, started_at, resolved_max_restarts
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING`,

  insertLongArgs: `INSERT INTO long_args (task, args) VALUES (?, ?)`,

  /** A task that was never started, or is to count as such, has no start. */
  ready: `
    UPDATE tasks
    SET
      state = 'ready',
      sequence = coalesce(:sequence, sequence),
      queued_at = coalesce(:queuedAt, queued_at),
      attempt = :attempt,
      requeued = :requeued,
      started_at = iif(:attempt = 0, NULL, started_at),
      ended_at = NULL,
      progress = NULL,
      due_at = NULL
    WHERE key = :key`,

  waiting: `UPDATE tasks SET state = 'waiting', due_at = ?, progress = NULL WHERE key = ?`,

  running: `
    UPDATE tasks
    SET state = 'running', attempt = ?, epoch = ?, worker = ?, started_at = ?, resolved_max_restarts = ?
    WHERE key = ?`,

  finished: `UPDATE tasks SET state = 'finished', result = ?, ended_at = ? WHERE key = ?`,

  dead: `UPDATE tasks SET state = 'in_dead_letter_queue', ended_at = ?, sequence = ? WHERE key = ?`,

  aborted: `UPDATE tasks SET state = 'aborted', ended_at = ? WHERE key = ?`,

  remove: `DELETE FROM tasks WHERE key = ?`,
};

/** What can be said of a change besides the state that it leads to. */
export interface TransitionDetails {
  /** Why the attempt failed, or the task was not run. It is kept with the task. */
  readonly failure?: FailureReason;
}

/**
 * The one way in which the state of a stored task changes: held against the table of transitions, written, counted, and
 * told. What hangs on a change of state (a key, a slot, other tasks) is to hang here.
 *
 * @throws Error where the table has no such step: callers look at the state first, within the same transaction.
 */
// It reads as a sentence: in this turn, this task, by this event, becomes that.
// oxlint-disable-next-line eslint/max-params
export function transition(
  turn: Turn,
  task: TaskRow,
  event: TransitionEvent,
  { failure, ...next }: Next & TransitionDetails,
): void {
  const to = next.to === "removed" ? undefined : next.to;
  requireTransition(event, task.state, to);
  const after = write(turn, task, next);
  turn.counters.moved(task, after);
  if (failure !== undefined) recordFailure(turn, task, failure);
  turn.changes.push({ task: task.id, topic: task.topic, from: task.state, to });
}

/** Stores a task that is not stored yet. False: its id is taken, and nothing was changed. */
export function store(turn: Turn, task: NewTask, next: Next & { to: "ready" | "waiting" | "running" }): boolean {
  const { id, topic, priority, args } = task;
  const isLong = args.length > LONGEST_ARGS_IN_ROW;
  const claim = next.to === "running" ? next : undefined;
  const starts = claim === undefined ? 0 : 1;
  const { insert, insertLongArgs } = turn.prepared.of(TRANSITION_SQL);
  const { changes, lastInsertRowid } = insert.run(
    id,
    topic,
    task.function,
    priority,
    next.to,
    turn.counters.nextSequence(),
    starts,
    starts,
    turn.now,
    task.runAt ?? null,
    next.to === "waiting" ? next.dueAt : null,
    task.expiresAt ?? null,
    writeStoredOptions(task.options) ?? null,
    isLong ? null : args,
    claim?.worker ?? null,
    claim === undefined ? null : turn.now,
    claim?.maxRestarts ?? null,
  );
  if (changes === 0) return false;
  if (isLong) insertLongArgs.run(lastInsertRowid, args);
  turn.counters.moved(undefined, {
    topic,
    priority,
    function: task.function,
    state: next.to,
    attempt: starts,
    requeued: false,
  });
  turn.changes.push({ task: id, topic, from: undefined, to: next.to });
  return true;
}

/** Writes the new state; how the task then stands, undefined where it is removed. */
function write(turn: Turn, task: TaskRow, next: Next): Counted | undefined {
  const { now, counters } = turn;
  const statements = turn.prepared.of(TRANSITION_SQL);
  const { key, topic, priority, function: name, requeued, attempt } = task;
  const after = { topic, priority, function: name, requeued, attempt };
  switch (next.to) {
    case "ready": {
      const ready = { attempt: next.attempt ?? attempt, requeued: next.requeued ?? requeued };
      statements.ready.run({
        key,
        sequence: next.keepsPlace ? null : counters.nextSequence(),
        queuedAt: next.keepsPlace ? null : now,
        attempt: ready.attempt,
        requeued: ready.requeued ? 1 : 0,
      });
      return { ...after, ...ready, state: "ready" };
    }
    case "waiting":
      statements.waiting.run(next.dueAt, key);
      return { ...after, state: "waiting" };
    case "running":
      statements.running.run(attempt + 1, task.epoch + 1, next.worker, now, next.maxRestarts, key);
      return { ...after, attempt: attempt + 1, state: "running" };
    case "finished":
      statements.finished.run(next.result ?? null, now, key);
      return { ...after, state: "finished" };
    case "in_dead_letter_queue":
      statements.dead.run(now, counters.nextSequence(), key);
      return { ...after, state: "in_dead_letter_queue" };
    case "aborted":
      statements.aborted.run(now, key);
      return { ...after, state: "aborted" };
    case "removed":
      statements.remove.run(key);
      return undefined;
    default:
      return assertNever(next);
  }
}
