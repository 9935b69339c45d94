import type { SQLInputValue, StatementResultingChanges } from "node:sqlite";
import { assertNever } from "../../core/errors.ts";
import type { FailureReason } from "../../core/failure.ts";
import { requireTransition, type TransitionEvent } from "../../core/transitions.ts";
import { writeStoredOptions } from "../../core/options/stored.ts";
import type { NewTask } from "../port.ts";
import type { Standing } from "./counters.ts";
import { recordFailure } from "./failures.ts";
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

/** The columns of a new task that is not started yet: its state and when it is due come between. */
const NEW_COLUMNS = "id, topic, function, priority, sequence, enqueued_at, run_at, expires_at, options, args";
const NEW_VALUES = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?";

export const TRANSITION_SQL: Sql<
  | "insertReady"
  | "insertWaiting"
  | "insertRunning"
  | "insertLongArgs"
  | "ready"
  | "waiting"
  | "running"
  | "finished"
  | "dead"
  | "aborted"
  | "remove"
> = {
  insertReady: `
    INSERT INTO tasks (${NEW_COLUMNS}, state, attempt, epoch)
    VALUES (${NEW_VALUES}, 'ready', 0, 0)
    ON CONFLICT (id) DO NOTHING`,

  insertWaiting: `
    INSERT INTO tasks (${NEW_COLUMNS}, state, attempt, epoch, due_at)
    VALUES (${NEW_VALUES}, 'waiting', 0, 0, ?)
    ON CONFLICT (id) DO NOTHING`,

  insertRunning: `
    INSERT INTO tasks (${NEW_COLUMNS}, state, attempt, epoch, started_at, worker, resolved_max_restarts)
    VALUES (${NEW_VALUES}, 'running', 1, 1, ?, ?, ?)
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
export function transition(turn: Turn, task: TaskRow, event: TransitionEvent, next: Next & TransitionDetails): void {
  const to = next.to === "removed" ? undefined : next.to;
  requireTransition(event, task.state, to);
  turn.counters.moved(task, task, write(turn, task, next));
  if (next.failure !== undefined) recordFailure(turn, task, next.failure);
  const dueAt = next.to === "waiting" ? next.dueAt : undefined;
  turn.changes.push({ task: task.id, topic: task.topic, from: task.state, to, dueAt });
}

const NEVER_STARTED = { attempt: 0, requeued: false };

/** Stores a task that is not stored yet. False: its id is taken, and nothing was changed. */
export function store(turn: Turn, task: NewTask, next: Next & { to: "ready" | "waiting" | "running" }): boolean {
  const { id, topic, args } = task;
  const isLong = args.length > LONGEST_ARGS_IN_ROW;
  const { changes, lastInsertRowid } = insert(turn, next, [
    id,
    topic,
    task.function,
    task.priority,
    turn.counters.nextSequence(),
    turn.now,
    task.runAt ?? null,
    task.expiresAt ?? null,
    writeStoredOptions(task.options) ?? null,
    isLong ? null : args,
  ]);
  if (changes === 0) return false;
  if (isLong) turn.prepared.of(TRANSITION_SQL).insertLongArgs.run(lastInsertRowid, args);
  turn.counters.moved(task, undefined, { ...NEVER_STARTED, state: next.to });
  const dueAt = next.to === "waiting" ? Math.min(next.dueAt, task.expiresAt ?? Infinity) : task.expiresAt;
  turn.changes.push({ task: id, topic, from: undefined, to: next.to, dueAt });
  return true;
}

function insert(
  { prepared, now }: Turn,
  next: Next & { to: "ready" | "waiting" | "running" },
  values: readonly SQLInputValue[],
): StatementResultingChanges {
  const { insertReady, insertWaiting, insertRunning } = prepared.of(TRANSITION_SQL);
  switch (next.to) {
    case "ready":
      return insertReady.run(...values);
    case "waiting":
      return insertWaiting.run(...values, next.dueAt);
    case "running":
      return insertRunning.run(...values, now, next.worker, next.maxRestarts);
    default:
      return assertNever(next);
  }
}

/** Writes the new state; how the task then stands, undefined where it is removed. */
function write({ now, counters, prepared }: Turn, task: TaskRow, next: Next): Standing | undefined {
  const statements = prepared.of(TRANSITION_SQL);
  const { key, attempt, requeued } = task;
  switch (next.to) {
    case "ready": {
      const standing: Standing = {
        state: "ready",
        attempt: next.attempt ?? attempt,
        requeued: next.requeued ?? requeued,
      };
      statements.ready.run({
        key,
        sequence: next.keepsPlace ? null : counters.nextSequence(),
        queuedAt: next.keepsPlace ? null : now,
        attempt: standing.attempt,
        requeued: standing.requeued ? 1 : 0,
      });
      return standing;
    }
    case "waiting":
      statements.waiting.run(next.dueAt, key);
      break;
    case "running":
      statements.running.run(attempt + 1, task.epoch + 1, next.worker, now, next.maxRestarts, key);
      break;
    case "finished":
      statements.finished.run(next.result ?? null, now, key);
      break;
    case "in_dead_letter_queue":
      statements.dead.run(now, counters.nextSequence(), key);
      break;
    case "aborted":
      statements.aborted.run(now, key);
      break;
    case "removed":
      statements.remove.run(key);
      return undefined;
    default:
      return assertNever(next);
  }
  return { state: next.to, attempt, requeued };
}
