import { KEY_MUTANTS } from "./key-mutants.ts";

/** One line of the sources, changed so that one promise no longer holds. */
export interface Mutant {
  /** What is wrong with it. */
  readonly name: string;
  /** The rule that it breaks, among others; none where no history can show it. */
  readonly breaks?: string;
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
    breaks: "fencing",
    file: `${MEMORY}settle.ts`,
    line: `if (task?.state !== "running" || task.epoch !== operation.epoch) return { kind: "stale" };`,
    instead: `if (task?.state !== "running") return { kind: "stale" };`,
  },
  {
    name: "an attempt of a worker that crashed is not counted",
    breaks: "attempts",
    file: `${MEMORY}settle.ts`,
    line: `return { event: "rescue", to: "ready", changes: { sequence: table.nextSequence() } };`,
    instead: `return { event: "rescue", to: "ready", changes: { sequence: table.nextSequence(), attempt: task.attempt - 1 } };`,
  },
  {
    name: "a lease is judged by the observer's wall clock",
    breaks: "rescue",
    file: `${ENGINE}rescuer.ts`,
    line: `this.#lastLook = { at: clock.monotonic(),`,
    instead: `this.#lastLook = { at: clock.now(),`,
  },
  {
    name: "a lease ends after half its time",
    breaks: "rescue",
    file: `${ENGINE}rescuer.ts`,
    line: `return sighting.silentMs >= worker.leaseMs;`,
    instead: `return sighting.silentMs >= worker.leaseMs / 2;`,
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
    name: "an enqueue is answered before its turn has committed",
    breaks: "lost",
    file: `${ENGINE}turn-loop.ts`,
    line: `const claims = this.#source.claims(topicsOf(enqueues));`,
    instead: `const claims = this.#source.claims(topicsOf(enqueues)); for (const { settle } of enqueues) settle({ ok: true, value: { kind: "stored", claimed: [], repeated: [] } });`,
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
    name: "one task more than the limit runs at once",
    breaks: "concurrency",
    file: `${ENGINE}queue.ts`,
    line: `this.settings.maxConcurrency - this.#running`,
    instead: `this.settings.maxConcurrency + 1 - this.#running`,
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
    name: "an abort is answered before the attempt is gone",
    breaks: "abort",
    file: `${ENGINE}engine.ts`,
    line: `if (result.kind !== "requested") return result.kind === "aborted";`,
    instead: `if (result.kind !== "requested") return result.kind === "aborted"; return true;`,
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
      task.failures.push({ ...outcome.failure, attempt: task.attempt, at: now });`,
    instead: `    case "bury":`,
  },
  {
    name: "an enqueue overtakes those that wait",
    breaks: "first in, first out",
    file: `${MEMORY}enqueue-and-claim.ts`,
    line: `at.table.takeReady(topic, limit, functions)`,
    instead: `at.table.takeReady(topic, limit - 1, functions)`,
  },
  {
    name: "a task is given up one restart early",
    breaks: "attempts",
    file: `${ENGINE}attempt.ts`,
    line: `if (attempt > maxRestarts) return { kind: "bury", failure };`,
    instead: `if (attempt >= maxRestarts) return { kind: "bury", failure };`,
  },
  {
    name: "the restarts that an enqueue names are ignored",
    breaks: "attempts",
    file: `${MEMORY}enqueue-and-claim.ts`,
    line: `const maxRestarts = task.options.maxRestarts ?? by.maxRestarts;`,
    instead: `const { maxRestarts } = by;`,
  },
  {
    name: "an abort of a running task is never answered",
    breaks: "answers",
    file: `${ENGINE}engine.ts`,
    line: `if (result.kind !== "requested") return result.kind === "aborted";`,
    instead: `if (result.kind !== "requested") return result.kind === "aborted"; await new Promise(() => {});`,
  },
  {
    name: "a stop never comes to its end",
    breaks: "stop",
    file: `${ENGINE}worker.ts`,
    line: `    await this.#attempts.endAll();`,
    instead: `    await this.#attempts.endAll(); await new Promise(() => {});`,
  },
  {
    name: "whoever waits for a result gets another one",
    breaks: "answers",
    file: "src/broker/await-result.ts",
    line: `(JSON.parse(task.result) as unknown);`,
    instead: `"another";`,
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
    name: "one restart too many",
    breaks: "attempts",
    file: `${ENGINE}attempt.ts`,
    line: `if (attempt > maxRestarts) return { kind: "bury", failure };`,
    instead: `if (attempt > maxRestarts + 1) return { kind: "bury", failure };`,
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
    line: `  requireRow(at.workers, worker);`,
    instead: ``,
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
    line: `changes: { sequence: table.nextSequence() }`,
    instead: `changes: { sequence: -table.nextSequence() }`,
  },
  {
    name: "an attempt that a stop cut off is counted",
    breaks: "attempts",
    file: `${MEMORY}settle.ts`,
    line: `const attempt = task.attempt - 1;`,
    instead: `const attempt = Number(task.attempt);`,
  },
  {
    name: "an attempt that a stop cut off counts as failed",
    breaks: "stop",
    file: `${ENGINE}attempt.ts`,
    line: `return { kind: "giveBack" };`,
    instead: `return this.#failed({ code: "TASK_KILLED", message: "It was killed." });`,
  },
  {
    name: "functions that a worker does not know are claimed",
    breaks: "known functions",
    file: `${MEMORY}ready-lines.ts`,
    line: `known.has(name) ? line.take() : undefined`,
    instead: `line.take()`,
  },
  {
    name: "a free slot is never freed",
    breaks: "every task ends",
    file: `${ENGINE}attempts.ts`,
    line: `      queue.slotFreed();`,
    instead: ``,
  },
  {
    name: "nobody looks when the next wait is over",
    breaks: "every task ends",
    file: `${ENGINE}promoter.ts`,
    line: `this.#timer = this.#clock.setTimer(delayMs, () => void this.#promote());`,
    instead: ``,
  },
  {
    name: "what a lost answer hid is never given back",
    breaks: "every task ends",
    file: `${ENGINE}storage-fault.ts`,
    line: `this.#leavesDoubt ||= !isLock;`,
    instead: ``,
  },
  {
    name: "a timeout is not kept",
    breaks: "every task ends",
    file: `${ENGINE}attempt.ts`,
    line: `parts.clock.setTimer(timeoutMs, () => this.cut("timeout"))`,
    instead: `parts.clock.setTimer(1e9, () => this.cut("timeout"))`,
  },
  {
    name: "tasks are pruned before their time",
    breaks: "lost",
    file: `${ENGINE}pruner.ts`,
    line: `endedBefore: clock.now() - keptMs`,
    instead: `endedBefore: clock.now() - keptMs / 2`,
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
  {
    name: "a worker that stops claims on",
    breaks: "stop",
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
