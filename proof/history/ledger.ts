import { assertNever } from "../../src/core/errors.ts";
import type {
  DisclaimOperation,
  Operation,
  OperationResults,
  PruneOperation,
  SettleOperation,
  Settlement,
} from "../../src/storage/port.ts";
import type { Commit, FinalState } from "./events.ts";
import { judgeFinal } from "./judge-final.ts";
import { expectedState, type LedgerTask, restartsLeft } from "./ledger-task.ts";
import { LedgerTasks, type LedgerTasksParts } from "./ledger-tasks.ts";
import type { Accuse } from "./rules.ts";
import { Starts } from "./starts.ts";
import { WorkerRows } from "./worker-rows.ts";

/**
 * Follows the commits of a storage, operation by operation, and knows from them what every task must be. What an answer
 * says otherwise, it accuses. Every operation costs about the same, however long the history is.
 */
export class Ledger {
  readonly #accuse: Accuse;
  readonly #tasks: LedgerTasks;
  readonly #rows: WorkerRows;
  readonly #starts: Starts;
  /** Whether the history holds commits. */
  #isWitnessed = false;

  constructor(parts: LedgerTasksParts) {
    this.#accuse = parts.accuse;
    this.#tasks = new LedgerTasks(parts);
    this.#rows = new WorkerRows(this.#tasks, parts.accuse);
    this.#starts = new Starts(this.#tasks, this.#rows, parts.accuse);
  }

  apply({ operations, outcomes, at }: Commit): void {
    this.#isWitnessed = true;
    this.#starts.turnBegan();
    for (const [index, operation] of operations.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok === true) this.#apply(operation, outcome.value, at);
    }
  }

  final(event: FinalState): void {
    if (this.#isWitnessed) judgeFinal(event, this.#tasks.get(event.id), this.#accuse);
  }

  #apply(operation: Operation, value: unknown, now: number): void {
    switch (operation.kind) {
      case "enqueue":
        return this.#starts.enqueued(operation, value as OperationResults["enqueue"]);
      case "enqueueMany":
        return this.#starts.enqueuedMany(operation.tasks, value as OperationResults["enqueueMany"]);
      case "claim":
        return this.#starts.claimed(operation, value as OperationResults["claim"]);
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
        if (value !== undefined) this.#requeued(this.#tasks.require(operation.id, "requeue"));
        return;
      case "discard":
        if (value === true) this.#tasks.remove(this.#tasks.require(operation.id, "discard"));
        return;
      case "promote":
        return this.#promote(operation.limit, now);
      case "registerWorker":
        return this.#rows.registered(operation.worker.id, operation.worker.heartbeat);
      case "heartbeat":
        if (value === true) this.#rows.beat(operation.worker);
        return;
      case "rescue":
        return this.#rows.rescued(operation, value as OperationResults["rescue"], now);
      case "removeWorker":
        return this.#rows.removed(operation.worker);
      case "prune":
        return this.#pruned(operation, value as OperationResults["prune"]);
      case "registerTopic":
      case "renewOffers":
      case "probe":
      case "pruneKeys":
        return;
      default:
        assertNever(operation);
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
    if (outcome.kind === "restart" || outcome.kind === "bury") this.#failed(task, outcome);
    if (outcome.kind === "finish") {
      task.result = outcome.result;
      return this.#tasks.end(task, "finish", { state: "finished", now });
    }
    if (outcome.kind === "bury") return this.#tasks.bury(task, now);
    if (outcome.kind === "giveBack") {
      task.attempt -= 1;
      task.starts -= 1;
      return this.#tasks.move(id, "giveBack", "ready");
    }
    if (state === "ready") task.place = this.#tasks.nextPlace();
    else task.dueAt = Math.ceil(now + (outcome.kind === "restart" ? outcome.delayMs : 0));
    this.#tasks.move(id, "restart", state);
  }

  #failed(task: LedgerTask, { kind: end, failure }: Extract<Settlement, { readonly kind: "restart" | "bury" }>): void {
    task.failures += 1;
    // What cannot be read is not restarted, however many restarts are left.
    const isToRestart = restartsLeft(task) && failure.code !== "TASK_UNREADABLE";
    if (isToRestart === (end === "restart")) return;
    const { id, attempt, maxRestarts = 0 } = task;
    this.#accuse("attempts", `there was a ${end} of ${id} after attempt ${attempt} of ${1 + maxRestarts}`);
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

  #pruned({ state, topics, endedBefore }: PruneOperation, { removed, more }: OperationResults["prune"]): void {
    const { places } = this.#tasks;
    let count = 0;
    for (const topic of topics) {
      let task = places.firstEnded({ state, topic }, endedBefore);
      for (; count < removed && task !== undefined; count += 1) {
        this.#tasks.remove(task);
        task = places.firstEnded({ state, topic }, endedBefore);
      }
      if (task !== undefined && !more) this.#accuse("answers", `Tasks of ${topic} were left by what pruned them all`);
    }
    if (count !== removed) this.#accuse("lost", `${removed} tasks were pruned in place of ${count}`);
  }

  #requireCurrent({ id, epoch }: { id: string; epoch: number }, what: string): void {
    const task = this.#tasks.get(id);
    if (task?.state === "running" && task.epoch === epoch) return;
    this.#accuse("fencing", `${what} of ${id} was taken for epoch ${epoch}, which is not its own`);
  }
}
