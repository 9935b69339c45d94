import { assertNever } from "../../core/assert-never.ts";
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
import { ClaimOrder } from "./claim-order.ts";
import type { Commit, FinalState } from "./events.ts";
import { expectedState, type LedgerTask, newLedgerTask } from "./ledger-task.ts";
import { LedgerTasks } from "./ledger-tasks.ts";
import { Restarts } from "./restarts.ts";
import type { Accuse, Rules } from "./rules.ts";

/**
 * Follows the commits of a storage, operation by operation, and knows from them what every task must be. What an answer
 * says otherwise, it accuses. Every operation costs about the same, however long the history is.
 */
export class Ledger {
  readonly #tasks: LedgerTasks;
  readonly #accuse: Accuse;
  readonly #workers = new Map<string, number>();
  readonly #order: ClaimOrder;
  readonly #restarts: Restarts;

  /** `changed` is called after each change of a task's state. */
  constructor(rules: Rules, accuse: Accuse, changed: (task: LedgerTask, removed: boolean) => void) {
    this.#restarts = new Restarts(rules, accuse);
    this.#accuse = accuse;
    this.#tasks = new LedgerTasks(accuse, changed);
    this.#order = new ClaimOrder(this.#tasks.places, accuse);
  }

  apply({ operations, outcomes, at }: Commit): void {
    for (const [index, operation] of operations.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok === true) this.#apply(operation, outcome.value, at);
    }
  }

  /** What the database says of a task at the end has to be what the commits have made of it. */
  final(event: FinalState): void {
    const task = this.#tasks.get(event.id);
    if (task !== undefined) this.#restarts.final(task, event);
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
        if (value === true) this.#tasks.requireCurrent(operation, "progress");
        return;
      case "abort":
        return this.#aborted(operation.id, value as OperationResults["abort"], now);
      case "requeue":
        if (value !== undefined) this.#requeued(this.#tasks.require(operation.id, "requeue"));
        return;
      case "discard":
        if (value === true) this.#tasks.remove(this.#tasks.require(operation.id, "discard"));
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
    if ((result.kind !== "stored" && result.kind !== "claimed") || this.#tasks.has(task.id)) return;
    this.#add(task);
    if (result.kind === "claimed") this.#take(result.task, task.start?.worker ?? "");
  }

  #enqueuedMany(tasks: readonly NewTask[], result: OperationResults["enqueueMany"]): void {
    const [first] = tasks;
    if (result.kind !== "stored" || first === undefined || this.#tasks.has(first.id)) return;
    const repeated = new Set(result.repeated.map(({ index }) => index));
    const claimed = new Map(result.claimed.map((task) => [task.id, task]));
    for (const [index, task] of tasks.entries()) {
      if (repeated.has(index)) continue;
      this.#add(task);
      const started = claimed.get(task.id);
      if (started !== undefined) this.#take(started, task.start?.worker ?? "");
    }
  }

  #add(task: NewTask): void {
    this.#tasks.add(newLedgerTask(task, this.#tasks.nextPlace()));
  }

  #claimed({ topic, worker, functions }: ClaimOperation, claimed: readonly ClaimedTask[]): void {
    this.#order.knows(worker, topic, functions);
    for (const task of claimed) this.#take(task, worker);
  }

  #take(task: ClaimedTask, worker: string): void {
    if (!this.#workers.has(worker)) this.#accuse("rescue", `${worker} has no row, and claimed`);
    this.#order.require(this.#tasks.get(task.id), worker);
    this.#start(task, worker);
  }

  #start({ id, attempt, epoch, maxRestarts }: ClaimedTask, worker: string): void {
    const task = this.#tasks.require(id, "claim");
    if (task === undefined) return;
    this.#tasks.places.leave(task);
    task.worker = worker;
    this.#tasks.move(id, "claim", "running");
    task.attempt += 1;
    task.epoch += 1;
    task.starts += 1;
    task.maxRestarts = maxRestarts;
    this.#restarts.claimed(task);
    if (task.attempt !== attempt || task.epoch !== epoch) {
      this.#accuse(
        "attempts",
        `${id} was claimed as attempt ${attempt} of epoch ${epoch}, not ${task.attempt}/${task.epoch}`,
      );
    }
  }

  #settled(operation: SettleOperation, result: OperationResults["settle"], now: number): void {
    const { id, epoch, outcome } = operation;
    const task = this.#tasks.get(id);
    const isCurrent = task?.state === "running" && task.epoch === epoch;
    if (result.kind === "stale") {
      if (isCurrent) this.#accuse("fencing", `the end of ${id}, its current attempt, was ignored`);
      return;
    }
    if (!isCurrent) return this.#accuse("fencing", `${id} was settled for epoch ${epoch}, which is not its own`);
    const state = expectedState(task, outcome);
    if (result.state !== state) this.#accuse("end states", `${id} became ${result.state} in place of ${state}`);
    if (state === "aborted") return this.#tasks.end(task, "abort", { state, now });
    if (outcome.kind === "finish") {
      task.result = outcome.result;
      return this.#tasks.end(task, "finish", { state: "finished", now });
    }
    if (outcome.kind === "bury") {
      task.failures += 1;
      this.#restarts.givenUp(task);
      return this.#tasks.bury(task, now);
    }
    if (outcome.kind === "giveBack") {
      task.attempt -= 1;
      task.starts -= 1;
      return void this.#tasks.move(id, "giveBack", "ready");
    }
    task.failures += 1;
    this.#restarts.restarted(task);
    if (state === "ready") task.place = this.#tasks.nextPlace();
    else task.dueAt = Math.ceil(now + (outcome.kind === "restart" ? outcome.delayMs : 0));
    this.#tasks.move(id, "restart", state);
  }

  #disclaimed({ worker, known }: DisclaimOperation, now: number): void {
    const epochs = new Map(known.map(({ id, epoch }) => [id, epoch]));
    for (const task of this.#tasks.places.runningOf(worker)) {
      if (epochs.get(task.id) === task.epoch) continue;
      this.#settled(
        { kind: "settle", id: task.id, epoch: task.epoch, outcome: { kind: "giveBack" } },
        { kind: "settled", state: task.abortRequested ? "aborted" : "ready" },
        now,
      );
    }
  }

  #aborted(id: string, result: OperationResults["abort"], now: number): void {
    const task = this.#tasks.get(id);
    if (result.kind === "notFound") {
      if (task !== undefined) this.#accuse("lost", `${id} was not found by an abort`);
      return;
    }
    if (task === undefined) return this.#accuse("unexpected", `${id} was aborted and does not exist`);
    if (result.kind === "aborted") return this.#tasks.end(task, "abort", { state: "aborted", now });
    if (result.kind === "requested") {
      if (task.state !== "running") this.#accuse("end states", `${id} is ${task.state}, not running`);
      task.abortRequested = true;
    } else if (task.state !== result.state) {
      this.#accuse("end states", `${id} is said to be ${result.state}, and is ${task.state}`);
    }
  }

  #requeued(task: LedgerTask | undefined): void {
    if (task === undefined) return;
    Object.assign(task, { attempt: 0, starts: 0, place: this.#tasks.nextPlace() });
    this.#tasks.move(task.id, "requeue", "ready");
  }

  #promote(limit: number, now: number): void {
    for (let left = limit, task = this.#tasks.places.nextDue(now); left > 0 && task !== undefined; left -= 1) {
      task.place = this.#tasks.nextPlace();
      this.#tasks.move(task.id, "promote", "ready");
      task = this.#tasks.places.nextDue(now);
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
    const running = this.#tasks.places.runningOf(worker).slice(0, limit);
    if (running.length !== rescued)
      this.#accuse("rescue", `${rescued} of ${running.length} tasks of ${worker} were rescued`);
    for (const task of running) {
      if (!task.abortRequested) task.failures += 1;
      if (task.abortRequested) this.#tasks.end(task, "rescue", { state: "aborted", now });
      else if (task.attempt > task.maxRestarts) this.#tasks.bury(task, now);
      else {
        task.place = this.#tasks.nextPlace();
        this.#tasks.move(task.id, "rescue", "ready");
      }
    }
    if (done) this.#workers.delete(worker);
  }

  #pruned(operation: PruneOperation, { removed }: OperationResults["prune"]): void {
    const { state, endedBefore, limit } = operation;
    let count = 0;
    for (
      let task = this.#tasks.places.firstEnded(state, endedBefore);
      count < limit && task !== undefined;
      count += 1
    ) {
      this.#tasks.remove(task);
      task = this.#tasks.places.firstEnded(state, endedBefore);
    }
    if (count !== removed) this.#accuse("lost", `${removed} tasks were pruned in place of ${count}`);
  }
}
