import type { Mutant } from "./mutant.ts";

const SQLITE = "src/storage/sqlite/";

/** What can be wrong in the storage. */
export const STORAGE_MUTANTS: readonly Mutant[] = [
  {
    name: "an end is recorded whatever its epoch",
    breaks: "fencing",
    file: `${SQLITE}task-row.ts`,
    line: `WHERE id = ? AND epoch = ? AND state = 'running' AND \${isReadable("epoch")}`,
    instead: `WHERE id = ? AND ? IS NOT NULL AND state = 'running'`,
  },
  {
    name: "an attempt of a worker that crashed is not counted",
    breaks: "attempts",
    file: `${SQLITE}operations/rescue.ts`,
    line: `transition(turn, task, "rescue", { to, failure });`,
    instead: `transition(turn, task, "rescue", to === "ready" ? { to, failure, attempt: task.attempt - 1 } : { to, failure });`,
  },
  {
    name: "a claim leaves its task in the line",
    breaks: "first in, first out",
    file: `${SQLITE}transition.ts`,
    line: `SET state = 'running', attempt = ?`,
    instead: `SET state = state, attempt = ?`,
  },
  {
    name: "the least urgent priority goes first",
    breaks: "priority",
    file: `${SQLITE}operations/ready-tasks.ts`,
    line: `    WHERE topic = ? AND state = 'ready'
    ORDER BY priority, sequence`,
    instead: `    WHERE topic = ? AND state = 'ready'
    ORDER BY priority DESC, sequence`,
  },
  {
    name: "priorities are ignored",
    breaks: "priority",
    file: `${SQLITE}operations/ready-tasks.ts`,
    line: `    WHERE topic = ? AND state = 'ready'
    ORDER BY priority, sequence`,
    instead: `    WHERE topic = ? AND state = 'ready'
    ORDER BY sequence`,
  },
  {
    name: "an abort of a running task is not written down",
    breaks: "end states",
    file: `${SQLITE}operations/admin.ts`,
    line: `SET abort_requested = 1`,
    instead: `SET abort_requested = 0`,
  },
  {
    name: "a task that used up its restarts is called finished",
    breaks: "end states",
    file: `${SQLITE}operations/settle.ts`,
    line: `return { event: "bury", next: { to: "in_dead_letter_queue", failure: outcome.failure } };`,
    instead: `return { event: "finish", next: { to: "finished", result: undefined, failure: outcome.failure } };`,
  },
  {
    name: "a task that used up its restarts is dropped",
    breaks: "lost",
    file: `${SQLITE}operations/settle.ts`,
    line: `  const { event, next } = consequenceOf(task, operation.outcome, turn.now);
  transition(turn, task, event, next);`,
    instead: `  const { event, next } = consequenceOf(task, operation.outcome, turn.now);
  transition(turn, task, event, next);
  if (next.to === "in_dead_letter_queue") transition(turn, { ...task, state: next.to }, "discard", { to: "removed" });`,
  },
  {
    name: "a failure is not kept when its task is given up",
    breaks: "failures",
    file: `${SQLITE}operations/settle.ts`,
    line: `{ to: "in_dead_letter_queue", failure: outcome.failure }`,
    instead: `{ to: "in_dead_letter_queue" }`,
  },
  {
    name: "a failure is not counted",
    breaks: "failures",
    file: `${SQLITE}failures.ts`,
    line: `failure_count = failure_count + 1`,
    instead: `failure_count = failure_count + 0`,
  },
  {
    name: "an enqueue overtakes those that wait",
    breaks: "first in, first out",
    file: `${SQLITE}operations/claim.ts`,
    line: `if (claimed.length >= limit) break;`,
    instead: `if (claimed.length >= limit - 1) break;`,
  },
  {
    name: "the restarts that an enqueue names are ignored",
    breaks: "attempts",
    file: `${SQLITE}operations/start.ts`,
    line: `  const maxRestarts = work.options.maxRestarts ?? by.maxRestarts;`,
    instead: `  const { maxRestarts } = by;`,
  },
  {
    name: "progress is taken whatever its epoch",
    breaks: "fencing",
    file: `${SQLITE}operations/settle.ts`,
    line: `SET progress = ? WHERE id = ? AND epoch = ?`,
    instead: `SET progress = ? WHERE id = ? AND ? IS NOT NULL`,
  },
  {
    name: "a discard is answered with true whatever was done",
    breaks: "answers",
    file: `${SQLITE}operations/admin.ts`,
    line: `if (task?.state !== "in_dead_letter_queue") return false;`,
    instead: `if (task?.state !== "in_dead_letter_queue") return true;`,
  },
  {
    name: "a rescue forgets that an abort was asked for",
    breaks: "end states",
    file: `${SQLITE}operations/rescue.ts`,
    line: `  if (task.abortRequested) return transition(turn, task, "rescue", { to: "aborted" });`,
    instead: ``,
  },
  {
    name: "a worker that was rescued claims on",
    breaks: "rescue",
    file: `${SQLITE}operations/claim.ts`,
    line: `  requireLease(turn, worker);`,
    instead: ``,
  },
  {
    name: "a rescue does not condemn",
    breaks: "rescue",
    file: `${SQLITE}operations/rescue.ts`,
    line: `    condemn(turn, worker);`,
    instead: ``,
  },
  {
    name: "a worker that is condemned claims on",
    breaks: "rescue",
    file: `${SQLITE}operations/workers.ts`,
    line: `if (findLease(turn, worker)?.isCondemned === false) return;`,
    instead: `if (findLease(turn, worker) !== undefined) return;`,
  },
  {
    name: "the rescue of a condemned worker is never gone on with",
    breaks: "every task ends",
    file: "src/engine/duties/rescue.ts",
    line: `if (worker.isCondemned) return true;`,
    instead: `if (worker.isCondemned) return false;`,
  },
  {
    name: "a wait ends a second early",
    breaks: "end states",
    file: `${SQLITE}operations/maintenance.ts`,
    line: `.due.all(turn.now, limit + 1)`,
    instead: `.due.all(turn.now + 1_000, limit + 1)`,
  },
  {
    name: "a task whose wait is over goes where it stood before",
    breaks: "first in, first out",
    file: `${SQLITE}operations/maintenance.ts`,
    line: `transition(turn, task, "promote", { to: "ready" });`,
    instead: `transition(turn, task, "promote", { to: "ready", keepsPlace: true });`,
  },
  {
    name: "an attempt that a stop cut off is counted",
    breaks: "attempts",
    file: `${SQLITE}operations/settle.ts`,
    line: `attempt: attempt - 1, keepsPlace: true`,
    instead: `attempt, keepsPlace: true`,
  },
  {
    name: "functions that a worker does not know are claimed",
    breaks: "known functions",
    file: `${SQLITE}operations/ready-tasks.ts`,
    line: `rows.filter((row) => functions.has(text(row, "function")))`,
    instead: `rows.slice()`,
  },
  {
    name: "a requeue by hand keeps the restarts that were used up",
    breaks: "attempts",
    file: `${SQLITE}operations/admin.ts`,
    line: `{ to: "ready", attempt: 0, requeued: true }`,
    instead: `{ to: "ready", requeued: true }`,
  },
  {
    name: "many tasks at once are stored as far as they fit",
    breaks: "unexpected",
    file: `${SQLITE}operations/enqueue.ts`,
    line: `return { keep: false, value: { ...result, index } };`,
    instead: `return { keep: true, value: { ...result, index } };`,
  },
  {
    name: "a heartbeat does not move",
    breaks: "rescue",
    file: `${SQLITE}operations/workers.ts`,
    line: `SET heartbeat = heartbeat + 1`,
    instead: `SET heartbeat = heartbeat + 0`,
  },
];
