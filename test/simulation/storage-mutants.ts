import type { Mutant } from "./mutant.ts";

const MEMORY = "src/storage/memory/";
const SQLITE = "src/storage/sqlite/";

/** What can be wrong in the storages. */
export const STORAGE_MUTANTS: readonly Mutant[] = [
  {
    name: "an end is recorded whatever its epoch",
    breaks: "fencing",
    file: `${MEMORY}settle.ts`,
    line: `if (task?.state !== "running" || task.epoch !== operation.epoch) return { kind: "stale" };`,
    instead: `if (task?.state !== "running") return { kind: "stale" };`,
  },
  {
    name: "an attempt of a worker that crashed is not counted",
    breaks: "attempts",
    file: `${MEMORY}settle.ts`,
    line: `return { event: "rescue", to: "ready", changes: { sequence: table.nextSequence(), queuedAt: now } };`,
    instead: `return { event: "rescue", to: "ready", changes: { sequence: table.nextSequence(), queuedAt: now, attempt: task.attempt - 1 } };`,
  },
  {
    name: "SQLite claims what runs already",
    breaks: "end states",
    file: `${SQLITE}statements/selection.ts`,
    line: `    WHERE topic = ? AND state = 'ready'
    ORDER BY priority, sequence
    LIMIT ?\`,

  /** A longer piece`,
    instead: `    WHERE topic = ? AND state IN ('ready', 'running')
    ORDER BY priority, sequence
    LIMIT ?\`,

  /** A longer piece`,
    sqlite: true,
  },
  {
    name: "the least urgent priority goes first",
    breaks: "priority",
    file: `${MEMORY}ready-lines.ts`,
    line: `toSorted((a, b) => a - b)`,
    instead: `toSorted((a, b) => b - a)`,
  },
  {
    name: "SQLite ignores priorities",
    breaks: "priority",
    file: `${SQLITE}statements/selection.ts`,
    line: `    ORDER BY priority, sequence
    LIMIT ?\`,

  /** A longer piece`,
    instead: `    ORDER BY sequence
    LIMIT ?\`,

  /** A longer piece`,
    sqlite: true,
  },
  {
    name: "an abort of a running task is not written down",
    breaks: "end states",
    file: `${MEMORY}by-hand.ts`,
    line: `task.abortRequested = true;`,
    instead: `task.abortRequested = false;`,
  },
  {
    name: "SQLite does not write an abort down",
    breaks: "end states",
    file: `${SQLITE}statements/tasks.ts`,
    line: `SET abort_requested = 1 WHERE`,
    instead: `SET abort_requested = 0 WHERE`,
    sqlite: true,
  },
  {
    name: "a task that used up its restarts is called finished",
    breaks: "end states",
    file: `${MEMORY}settle.ts`,
    line: `return { event: "bury", to: "in_dead_letter_queue", changes: { endedAt: now, sequence: table.nextSequence() } };`,
    instead: `return { event: "bury", to: "finished", changes: { endedAt: now, sequence: table.nextSequence() } };`,
  },
  {
    name: "a task that used up its restarts is dropped",
    breaks: "lost",
    file: `${MEMORY}settle.ts`,
    line: `  table.change(task, next);
  return { kind: "settled", state: next.to };`,
    instead: `  table.change(task, next);
  if (next.to === "in_dead_letter_queue") table.delete(task, "discard");
  return { kind: "settled", state: next.to };`,
  },
  {
    name: "a failure is not kept when its task is given up",
    breaks: "failures",
    file: `${MEMORY}settle.ts`,
    line: `    case "bury":
      recordFailure(table, { task, failure: outcome.failure, now });`,
    instead: `    case "bury":`,
  },
  {
    name: "SQLite does not count a failure",
    breaks: "failures",
    file: `${SQLITE}statements/failures.ts`,
    line: `failure_count = failure_count + 1`,
    instead: `failure_count = failure_count + 0`,
    sqlite: true,
  },
  {
    name: "an enqueue overtakes those that wait",
    breaks: "first in, first out",
    file: `${MEMORY}enqueue-and-claim.ts`,
    line: `at.table.takeReady(topic, limit, functions)`,
    instead: `at.table.takeReady(topic, limit - 1, functions)`,
  },
  {
    name: "the restarts that an enqueue names are ignored",
    breaks: "attempts",
    file: `${MEMORY}enqueue-and-claim.ts`,
    line: `const maxRestarts = task.options.maxRestarts ?? by.maxRestarts;`,
    instead: `const { maxRestarts } = by;`,
  },
  {
    name: "progress is taken whatever its epoch",
    breaks: "fencing",
    file: `${MEMORY}memory-storage.ts`,
    line: `task.epoch !== operation.epoch`,
    instead: `task.epoch < 0`,
  },
  {
    name: "a discard is answered with true whatever was done",
    breaks: "answers",
    file: `${MEMORY}by-hand.ts`,
    line: `if (task === undefined || !mayHappen("discard", task.state)) return false;`,
    instead: `if (task === undefined || !mayHappen("discard", task.state)) return true;`,
  },
  {
    name: "a rescue forgets that an abort was asked for",
    breaks: "end states",
    file: `${MEMORY}settle.ts`,
    line: `if (task.abortRequested) return aborted(now);
  if (task.attempt`,
    instead: `if (task.attempt`,
  },
  {
    name: "a worker that was rescued claims on",
    breaks: "rescue",
    file: `${MEMORY}enqueue-and-claim.ts`,
    line: `  requireLease(at.workers, worker);`,
    instead: ``,
  },
  {
    name: "a rescue does not condemn",
    breaks: "rescue",
    file: `${MEMORY}settle.ts`,
    line: `  workers.condemn(worker);`,
    instead: ``,
  },
  {
    name: "a rescue on SQLite does not condemn",
    breaks: "rescue",
    file: `${SQLITE}rescue.ts`,
    line: `    workers.condemn.run(operation.worker);`,
    instead: ``,
    sqlite: true,
  },
  {
    name: "a worker that is condemned claims on",
    breaks: "rescue",
    file: `${MEMORY}workers.ts`,
    line: `return this.#rows.get(id)?.isCondemned === false;`,
    instead: `return this.#rows.has(id);`,
  },
  {
    name: "the rescue of a condemned worker is never gone on with",
    breaks: "every task ends",
    file: "src/engine/rescuer.ts",
    line: `if (worker.isCondemned) return true;`,
    instead: `if (worker.isCondemned) return false;`,
  },
  {
    name: "a wait ends a second early",
    breaks: "end states",
    file: `${MEMORY}upkeep.ts`,
    line: `task.dueAt > now)`,
    instead: `task.dueAt > now + 1_000)`,
  },
  {
    name: "a task whose wait is over goes to the front of its line",
    breaks: "first in, first out",
    file: `${MEMORY}upkeep.ts`,
    line: `changes: { sequence: table.nextSequence(), queuedAt: now }`,
    instead: `changes: { sequence: -table.nextSequence(), queuedAt: now }`,
  },
  {
    name: "an attempt that a stop cut off is counted",
    breaks: "attempts",
    file: `${MEMORY}settle.ts`,
    line: `const attempt = task.attempt - 1;`,
    instead: `const attempt = Number(task.attempt);`,
  },
  {
    name: "functions that a worker does not know are claimed",
    breaks: "known functions",
    file: `${MEMORY}ready-lines.ts`,
    line: `known.has(name) ? line.take() : undefined`,
    instead: `line.take()`,
  },
  {
    name: "a requeue by hand keeps the restarts that were used up",
    breaks: "attempts",
    file: `${MEMORY}by-hand.ts`,
    line: `      attempt: 0,`,
    instead: ``,
  },
  {
    name: "many tasks at once are stored as far as they fit",
    breaks: "lost",
    file: "src/storage/first-without-place.ts",
    line: `if (waiting(topic, priority) + places >= maxQueueLen) return entry;`,
    instead: `if (waiting(topic, priority) >= maxQueueLen) return entry;`,
  },
  {
    name: "SQLite records an end whatever its epoch",
    breaks: "fencing",
    file: `${SQLITE}settle.ts`,
    line: `  const { outcome } = operation;`,
    instead: `  const { outcome } = operation; operation = { ...operation, epoch: turn.statements.tasks.describe.get(operation.id)?.["epoch"] };`,
    sqlite: true,
  },
  {
    name: "a heartbeat does not move",
    breaks: "rescue",
    file: `${MEMORY}workers.ts`,
    line: `heartbeat: row.heartbeat + 1`,
    instead: `heartbeat: row.heartbeat`,
  },
];
