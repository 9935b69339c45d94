import { KEY_MUTANTS } from "./key-mutants.ts";

/** One line of the sources, changed so that one promise no longer holds. */
export interface Mutant {
  /** What is wrong with it. */
  readonly name: string;
  readonly file: string;
  readonly line: string;
  readonly instead: string;
  /** Runs on SQLite only; else in memory. */
  readonly sqlite?: true;
}

const MEMORY = "src/storage/memory/";
const SQLITE = "src/storage/sqlite/";
const ENGINE = "src/engine/";

/** Each breaks a rule that the checker knows, and has to be caught within a hundred seeds. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "an end is recorded whatever its epoch",
    file: `${MEMORY}settle.ts`,
    line: `if (task?.state !== "running" || task.epoch !== operation.epoch) return { kind: "stale" };`,
    instead: `if (task?.state !== "running") return { kind: "stale" };`,
  },
  {
    name: "an attempt of a worker that crashed is not counted",
    file: `${MEMORY}settle.ts`,
    line: `return { event: "rescue", to: "ready", changes: { sequence: table.nextSequence() } };`,
    instead: `return { event: "rescue", to: "ready", changes: { sequence: table.nextSequence(), attempt: task.attempt - 1 } };`,
  },
  {
    name: "a lease is judged by the observer's wall clock",
    file: `${ENGINE}rescuer.ts`,
    line: `this.#lastLook = { at: clock.monotonic(),`,
    instead: `this.#lastLook = { at: clock.now(),`,
  },
  {
    name: "a lease ends after half its time",
    file: `${ENGINE}rescuer.ts`,
    line: `return sighting.silentMs >= worker.leaseMs;`,
    instead: `return sighting.silentMs >= worker.leaseMs / 2;`,
  },
  {
    name: "SQLite claims what runs already",
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
    name: "an enqueue is answered before its turn has committed",
    file: `${ENGINE}turn-loop.ts`,
    line: `const claims = this.#source.claims(topicsOf(enqueues));`,
    instead: `const claims = this.#source.claims(topicsOf(enqueues)); for (const { settle } of enqueues) settle({ ok: true, value: { kind: "stored", claimed: [], repeated: [] } });`,
  },
  {
    name: "the least urgent priority goes first",
    file: `${MEMORY}ready-lines.ts`,
    line: `toSorted((a, b) => a - b)`,
    instead: `toSorted((a, b) => b - a)`,
  },
  {
    name: "SQLite ignores priorities",
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
    name: "one task more than the limit runs at once",
    file: `${ENGINE}queue.ts`,
    line: `this.settings.maxConcurrency - this.#running`,
    instead: `this.settings.maxConcurrency + 1 - this.#running`,
  },
  {
    name: "an abort of a running task is not written down",
    file: `${MEMORY}by-hand.ts`,
    line: `task.abortRequested = true;`,
    instead: `task.abortRequested = false;`,
  },
  {
    name: "SQLite does not write an abort down",
    file: `${SQLITE}statements/tasks.ts`,
    line: `SET abort_requested = 1 WHERE`,
    instead: `SET abort_requested = 0 WHERE`,
    sqlite: true,
  },
  {
    name: "an abort is answered before the attempt is gone",
    file: `${ENGINE}engine.ts`,
    line: `if (result.kind !== "requested") return result.kind === "aborted";`,
    instead: `if (result.kind !== "requested") return result.kind === "aborted"; return true;`,
  },
  {
    name: "a task that used up its restarts is dropped",
    file: `${MEMORY}settle.ts`,
    line: `return { event: "bury", to: "in_dead_letter_queue", changes: { endedAt: now, sequence: table.nextSequence() } };`,
    instead: `return { event: "bury", to: "finished", changes: { endedAt: now, sequence: table.nextSequence() } };`,
  },
  {
    name: "one restart too many",
    file: `${ENGINE}attempt.ts`,
    line: `if (attempt > maxRestarts) return { kind: "bury", failure };`,
    instead: `if (attempt > maxRestarts + 1) return { kind: "bury", failure };`,
  },
  {
    name: "a rescue forgets that an abort was asked for",
    file: `${MEMORY}settle.ts`,
    line: `if (task.abortRequested) return aborted(now);
  if (task.attempt`,
    instead: `if (task.attempt`,
  },
  {
    name: "a worker that was rescued claims on",
    file: `${MEMORY}enqueue-and-claim.ts`,
    line: `  requireRow(at.workers, worker);`,
    instead: ``,
  },
  {
    name: "a wait ends a second early",
    file: `${MEMORY}upkeep.ts`,
    line: `task.dueAt > now)`,
    instead: `task.dueAt > now + 1_000)`,
  },
  {
    name: "a task whose wait is over goes to the front of its line",
    file: `${MEMORY}upkeep.ts`,
    line: `changes: { sequence: table.nextSequence() }`,
    instead: `changes: { sequence: -table.nextSequence() }`,
  },
  {
    name: "an attempt that a stop cut off is counted",
    file: `${MEMORY}settle.ts`,
    line: `const attempt = task.attempt - 1;`,
    instead: `const attempt = Number(task.attempt);`,
  },
  {
    name: "an attempt that a stop cut off counts as failed",
    file: `${ENGINE}attempt.ts`,
    line: `return { kind: "giveBack" };`,
    instead: `return this.#failed({ code: "TASK_KILLED", message: "It was killed." });`,
  },
  {
    name: "functions that a worker does not know are claimed",
    file: `${MEMORY}ready-lines.ts`,
    line: `known.has(name) ? line.take() : undefined`,
    instead: `line.take()`,
  },
  {
    name: "a free slot is never freed",
    file: `${ENGINE}attempts.ts`,
    line: `      queue.slotFreed();`,
    instead: ``,
  },
  {
    name: "nobody looks when the next wait is over",
    file: `${ENGINE}promoter.ts`,
    line: `this.#timer = this.#clock.setTimer(delayMs, () => void this.#promote());`,
    instead: ``,
  },
  {
    name: "what a lost answer hid is never given back",
    file: `${ENGINE}storage-fault.ts`,
    line: `this.#leavesDoubt ||= !isLock;`,
    instead: ``,
  },
  {
    name: "a timeout is not kept",
    file: `${ENGINE}attempt.ts`,
    line: `parts.clock.setTimer(timeoutMs, () => this.cut("timeout"))`,
    instead: `parts.clock.setTimer(1e9, () => this.cut("timeout"))`,
  },
  {
    name: "tasks are pruned before their time",
    file: `${ENGINE}pruner.ts`,
    line: `endedBefore: clock.now() - keptMs`,
    instead: `endedBefore: clock.now() - keptMs / 2`,
  },
  {
    name: "a requeue by hand keeps the restarts that were used up",
    file: `${MEMORY}by-hand.ts`,
    line: `      attempt: 0,`,
    instead: ``,
  },
  {
    name: "many tasks at once are stored as far as they fit",
    file: "src/storage/first-without-place.ts",
    line: `if (waiting(topic, priority) + places >= maxQueueLen) return entry;`,
    instead: `if (waiting(topic, priority) >= maxQueueLen) return entry;`,
  },
  {
    name: "SQLite records an end whatever its epoch",
    file: `${SQLITE}settle.ts`,
    line: `  const { outcome } = operation;`,
    instead: `  const { outcome } = operation; operation = { ...operation, epoch: turn.statements.tasks.describe.get(operation.id)?.["epoch"] };`,
    sqlite: true,
  },
  {
    name: "a heartbeat does not move",
    file: `${MEMORY}workers.ts`,
    line: `heartbeat: row.heartbeat + 1`,
    instead: `heartbeat: row.heartbeat`,
  },
  {
    name: "a worker that stops claims on",
    file: `${ENGINE}worker.ts`,
    line: `    this.#claiming = false;
    this.#promoter.stop();`,
    instead: `    this.#promoter.stop();`,
  },
  ...KEY_MUTANTS,
];

/** Changes that no history can show, each with the reason. */
export const EQUIVALENT: readonly (Mutant & { readonly because: string })[] = [
  {
    name: "a worker that lost its lease still tries to record how its attempts ended",
    file: `${ENGINE}attempt.ts`,
    line: `if (this.#cut === "lease_lost") return undefined;`,
    instead: ``,
    because: "the epoch fences it: the write is answered as stale, and changes nothing",
  },
  {
    name: "whoever waits for a result is woken before it is stored",
    file: `${ENGINE}attempts.ts`,
    line: `const settled = attempt.settle(outcome);`,
    instead: `const settled = attempt.settle(outcome); this.#ended(task, "finished");`,
    because: "whoever is woken reads the task, and waits on where that has not ended",
  },
  {
    name: "a stop does not wait for attempts",
    file: `${ENGINE}worker.ts`,
    line: `await this.#attempts.endAll();`,
    instead: `void this.#attempts.endAll();`,
    because: "the executors are closed next, and that waits for every attempt as well",
  },
];
