import { assertNever } from "../../core/assert-never.ts";
import { hasEnded, mayHappen, type TaskState, type TransitionEvent } from "../../core/transitions.ts";
import type {
  ClaimedTask,
  ClaimOperation,
  DisclaimOperation,
  NewTask,
  Operation,
  OperationResults,
  PruneOperation,
  RescueOperation,
  SettleOperation,
} from "../../storage/port.ts";
import type { Commit, FinalState } from "./events.ts";
import { expectedState, type LedgerTask, newLedgerTask } from "./ledger-task.ts";
import { Places } from "./places.ts";
import type { Accuse, Rules } from "./rules.ts";

/**
 * Follows the commits of a storage, operation by operation, and knows from them what every task must be. What an answer
 * says otherwise, it accuses. Every operation costs about the same, however long the history is.
 */
export class Ledger {
  readonly tasks: Map<string, LedgerTask> = new Map();
  readonly #accuse: Accuse;
  readonly #changed: (task: LedgerTask, removed: boolean) => void;
  readonly #places = new Places();
  readonly #workers = new Map<string, number>();
  /** By worker and topic: the functions that it has last claimed by. */
  readonly #known = new Map<string, ClaimOperation["functions"]>();
  readonly #restartsOf: Rules["restartsOf"];
  #place = 0;

  /** `changed` is called after each change of a task's state. */
  constructor(rules: Rules, accuse: Accuse, changed: (task: LedgerTask, removed: boolean) => void) {
    this.#restartsOf = rules.restartsOf;
    this.#accuse = accuse;
    this.#changed = changed;
  }

  apply({ operations, outcomes, at }: Commit): void {
    for (const [index, operation] of operations.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok === true) this.#apply(operation, outcome.value, at);
    }
  }

  /** What the database says of a task at the end has to be what the commits have made of it. */
  final({ id, attempt, failures }: FinalState): void {
    const task = this.tasks.get(id);
    if (task === undefined) return;
    if (attempt !== task.attempt)
      this.#accuse("attempts", `${id} has counted ${attempt} attempts, not ${task.attempt}`);
    if (failures !== undefined && failures !== task.failures)
      this.#accuse("failures", `${failures} failures of ${id} are kept, of ${task.failures}`);
  }

  #apply(operation: Operation, value: unknown, now: number): void {
    switch (operation.kind) {
      case "enqueue":
        return this.#enqueued(operation, value as OperationResults["enqueue"]);
      case "enqueueMany":
        return this.#enqueuedMany(operation.tasks, value as OperationResults["enqueueMany"]);
      case "claim":
        return this.#claimed(operation, value as OperationResults["claim"]);
      case "settle":
        return this.#settled(operation, value as OperationResults["settle"], now);
      case "disclaim":
        return this.#disclaimed(operation, now);
      case "progress":
        if (value === true) this.#requireCurrent(operation, "progress");
        return;
      case "abort":
        return this.#aborted(operation.id, value as OperationResults["abort"], now);
      case "requeue":
        if (value !== undefined) this.#requeued(this.#require(operation.id, "requeue"));
        return;
      case "discard":
        if (value === true) this.#remove(this.#require(operation.id, "discard"));
        return;
      case "promote":
        return this.#promote(operation.limit, now);
      case "registerWorker":
        return void this.#workers.set(operation.worker.id, operation.worker.heartbeat);
      case "heartbeat":
        if (value === true) this.#workers.set(operation.worker, (this.#workers.get(operation.worker) ?? 0) + 1);
        return;
      case "rescue":
        return this.#rescued(operation, value as OperationResults["rescue"], now);
      case "removeWorker":
        return void this.#workers.delete(operation.worker);
      case "prune":
        return this.#pruned(operation, value as OperationResults["prune"]);
      case "registerTopic":
      case "probe":
      case "pruneKeys":
        return;
      default:
        assertNever(operation);
    }
  }

  #enqueued(task: NewTask, result: OperationResults["enqueue"]): void {
    if ((result.kind !== "stored" && result.kind !== "claimed") || this.tasks.has(task.id)) return;
    this.#add(task);
    if (result.kind === "claimed") this.#startedAtOnce(result.task, task.start?.worker ?? "");
  }

  #enqueuedMany(tasks: readonly NewTask[], result: OperationResults["enqueueMany"]): void {
    const [first] = tasks;
    if (result.kind !== "stored" || first === undefined || this.tasks.has(first.id)) return;
    const repeated = new Set(result.repeated.map(({ index }) => index));
    const claimed = new Map(result.claimed.map((task) => [task.id, task]));
    for (const [index, task] of tasks.entries()) {
      if (repeated.has(index)) continue;
      this.#add(task);
      const started = claimed.get(task.id);
      if (started !== undefined) this.#startedAtOnce(started, task.start?.worker ?? "");
    }
  }

  #add(task: NewTask): void {
    const added = newLedgerTask(task, ++this.#place);
    this.tasks.set(task.id, added);
    this.#enter(added, "ready");
  }

  #claimed({ topic, worker, functions }: ClaimOperation, claimed: readonly ClaimedTask[]): void {
    this.#known.set(`${worker} ${topic}`, functions);
    for (const task of claimed) {
      this.#requireNext(task, worker, functions);
      this.#start(task, worker);
    }
  }

  /** It was claimed by the turn that stored it: a slot was free once all that waited had been claimed. */
  #startedAtOnce(task: ClaimedTask, worker: string): void {
    const functions = this.#known.get(`${worker} ${task.topic}`);
    if (functions === undefined) this.#accuse("known functions", `${worker} began ${task.id}, and has claimed nothing`);
    else this.#requireNext(task, worker, functions);
    this.#start(task, worker);
  }

  /** That it was this task's turn, for a worker that knows these functions. */
  #requireNext(task: ClaimedTask, worker: string, functions: ClaimOperation["functions"]): void {
    if (!this.#workers.has(worker)) this.#accuse("rescue", `${worker} has no row, and claimed`);
    const wanted = this.#places.nextReady(task.topic, functions);
    if (wanted !== undefined && wanted.id !== task.id) {
      const rule = wanted.priority === this.tasks.get(task.id)?.priority ? "first in, first out" : "priority";
      this.#accuse(rule, `${task.id} was claimed, while ${wanted.id} stood before it`);
    }
    if (!functions.has(task.function))
      this.#accuse("known functions", `${worker} claimed ${task.id} of ${task.function}`);
  }

  #start({ id, attempt, epoch, maxRestarts }: ClaimedTask, worker: string): void {
    const task = this.#require(id, "claim");
    if (task === undefined) return;
    this.#places.leave(task);
    task.worker = worker;
    this.#move(id, "claim", "running");
    task.attempt += 1;
    task.epoch += 1;
    task.starts += 1;
    task.maxRestarts = maxRestarts;
    const meant = task.namedMaxRestarts ?? this.#restartsOf?.(task.topic, task.function) ?? maxRestarts;
    if (maxRestarts !== meant) this.#accuse("attempts", `${id} was claimed with ${maxRestarts} restarts, not ${meant}`);
    if (task.attempt !== attempt || task.epoch !== epoch) {
      this.#accuse(
        "attempts",
        `${id} was claimed as attempt ${attempt} of epoch ${epoch}, not ${task.attempt}/${task.epoch}`,
      );
    }
    if (task.starts > 1 + maxRestarts) this.#accuse("attempts", `${id} was started ${task.starts} times`);
  }

  #settled(operation: SettleOperation, result: OperationResults["settle"], now: number): void {
    const { id, epoch, outcome } = operation;
    const task = this.tasks.get(id);
    const isCurrent = task?.state === "running" && task.epoch === epoch;
    if (result.kind === "stale") {
      if (isCurrent) this.#accuse("fencing", `the end of ${id}, its current attempt, was ignored`);
      return;
    }
    if (!isCurrent) return this.#accuse("fencing", `${id} was settled for epoch ${epoch}, which is not its own`);
    const state = expectedState(task, outcome);
    if (result.state !== state) this.#accuse("end states", `${id} became ${result.state} in place of ${state}`);
    if (state === "aborted") return this.#end(task, "abort", { state, now });
    if (outcome.kind === "finish") {
      task.result = outcome.result;
      return this.#end(task, "finish", { state: "finished", now });
    }
    if (outcome.kind === "bury") {
      task.failures += 1;
      const left = task.maxRestarts + 1 - task.attempt;
      if (left > 0) this.#accuse("attempts", `${id} was given up with ${left} restarts left`);
      return this.#bury(task, now);
    }
    if (outcome.kind === "giveBack") {
      task.attempt -= 1;
      task.starts -= 1;
      return void this.#move(id, "giveBack", "ready");
    }
    task.failures += 1;
    if (task.attempt > task.maxRestarts) this.#accuse("attempts", `${id} is to start again, with no restart left`);
    if (state === "ready") task.place = ++this.#place;
    else task.dueAt = Math.ceil(now + (outcome.kind === "restart" ? outcome.delayMs : 0));
    this.#move(id, "restart", state);
  }

  #disclaimed({ worker, known }: DisclaimOperation, now: number): void {
    const epochs = new Map(known.map(({ id, epoch }) => [id, epoch]));
    for (const task of this.#places.runningOf(worker)) {
      if (epochs.get(task.id) === task.epoch) continue;
      this.#settled(
        { kind: "settle", id: task.id, epoch: task.epoch, outcome: { kind: "giveBack" } },
        { kind: "settled", state: task.abortRequested ? "aborted" : "ready" },
        now,
      );
    }
  }

  #aborted(id: string, result: OperationResults["abort"], now: number): void {
    const task = this.tasks.get(id);
    if (result.kind === "notFound") {
      if (task !== undefined) this.#accuse("lost", `${id} was not found by an abort`);
      return;
    }
    if (task === undefined) return this.#accuse("unexpected", `${id} was aborted and does not exist`);
    if (result.kind === "aborted") return this.#end(task, "abort", { state: "aborted", now });
    if (result.kind === "requested") {
      if (task.state !== "running") this.#accuse("end states", `${id} is ${task.state}, not running`);
      task.abortRequested = true;
    } else if (task.state !== result.state) {
      this.#accuse("end states", `${id} is said to be ${result.state}, and is ${task.state}`);
    }
  }

  #requeued(task: LedgerTask | undefined): void {
    if (task === undefined) return;
    Object.assign(task, { attempt: 0, starts: 0, place: ++this.#place });
    this.#move(task.id, "requeue", "ready");
  }

  #promote(limit: number, now: number): void {
    for (let left = limit, task = this.#places.nextDue(now); left > 0 && task !== undefined; left -= 1) {
      task.place = ++this.#place;
      this.#move(task.id, "promote", "ready");
      task = this.#places.nextDue(now);
    }
  }

  #rescued(
    { worker, heartbeat, limit }: RescueOperation,
    { rescued, done }: OperationResults["rescue"],
    now: number,
  ): void {
    if (this.#workers.get(worker) !== heartbeat) {
      if (rescued > 0) this.#accuse("rescue", `${worker} lives, and its tasks were taken over`);
      return;
    }
    const running = this.#places.runningOf(worker).slice(0, limit);
    if (running.length !== rescued)
      this.#accuse("rescue", `${rescued} of ${running.length} tasks of ${worker} were rescued`);
    for (const task of running) {
      if (!task.abortRequested) task.failures += 1;
      if (task.abortRequested) this.#end(task, "rescue", { state: "aborted", now });
      else if (task.attempt > task.maxRestarts) this.#bury(task, now);
      else {
        task.place = ++this.#place;
        this.#move(task.id, "rescue", "ready");
      }
    }
    if (done) this.#workers.delete(worker);
  }

  #pruned(operation: PruneOperation, { removed }: OperationResults["prune"]): void {
    const { state, endedBefore, limit } = operation;
    let count = 0;
    for (let task = this.#places.firstEnded(state, endedBefore); count < limit && task !== undefined; count += 1) {
      this.#remove(task);
      task = this.#places.firstEnded(state, endedBefore);
    }
    if (count !== removed) this.#accuse("lost", `${removed} tasks were pruned in place of ${count}`);
  }

  #bury(task: LedgerTask, now: number): void {
    task.place = ++this.#place;
    this.#end(task, "bury", { state: "in_dead_letter_queue", now });
  }

  #end(task: LedgerTask, event: TransitionEvent, { state, now }: { state: TaskState; now: number }): void {
    task.endedAt = now;
    this.#move(task.id, event, state);
  }

  #move(id: string, event: TransitionEvent, to: TaskState): LedgerTask | undefined {
    const task = this.#require(id, event);
    if (task === undefined) return undefined;
    if (!mayHappen(event, task.state)) this.#accuse("end states", `${id} is ${task.state}, and there was a ${event}`);
    this.#places.leave(task);
    this.#enter(task, to);
    return task;
  }

  #enter(task: LedgerTask, state: TaskState): void {
    task.state = state;
    this.#places.enter(task);
    this.#changed(task, false);
  }

  #remove(task: LedgerTask | undefined): void {
    if (task === undefined) return;
    if (!hasEnded(task.state)) this.#accuse("lost", `${task.id} is ${task.state}, and was removed`);
    this.tasks.delete(task.id);
    // What the heaps still hold of it is no longer true.
    task.endedAt = Number.NaN;
    this.#changed(task, true);
  }

  #require(id: string, event: string): LedgerTask | undefined {
    const task = this.tasks.get(id);
    if (task === undefined) this.#accuse("unexpected", `there was a ${event} of ${id}, which does not exist`);
    return task;
  }

  #requireCurrent({ id, epoch }: { id: string; epoch: number }, what: string): void {
    const task = this.tasks.get(id);
    if (task?.state === "running" && task.epoch === epoch) return;
    this.#accuse("fencing", `${what} of ${id} was taken for epoch ${epoch}, which is not its own`);
  }
}
