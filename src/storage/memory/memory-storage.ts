import { assertNever, Stage3Error } from "../../core/errors.ts";
import type { TaskState } from "../../core/transitions.ts";
import type {
  AttemptKey,
  DeadLetter,
  DeadLetterQuery,
  Operation,
  OperationOutcome,
  OperationResults,
  Registry,
  Storage,
  StoredTask,
  TopicCounts,
  TurnTime,
  WorkerRow,
} from "../port.ts";
import { FreeSlots } from "../free-slots.ts";
import { abort, discard, requeue } from "./by-hand.ts";
import { claim, enqueue, enqueueMany, type StartingPoint } from "./enqueue-and-claim.ts";
import { IdempotencyKeys } from "./idempotency-keys.ts";
import { type MemoryLimits, UNLIMITED } from "./memory-limits.ts";
import { Registrations } from "./registrations.ts";
import { disclaim, rescue, settle } from "./settle.ts";
import { toStoredTask } from "./task-record.ts";
import { TaskTable } from "./task-table.ts";
import { topicCounts } from "./topic-counts.ts";
import { promote, prune, removeSurplus } from "./upkeep.ts";
import { Workers } from "./workers.ts";

/** Keeps everything in this process: lost when it ends, seen by nobody else. */
export class MemoryStorage implements Storage {
  readonly turnsInFlight = 1;
  readonly isShared = false;
  readonly #table: TaskTable;
  readonly #workers = new Workers();
  readonly #registrations = new Registrations();
  readonly #keys = new IdempotencyKeys();
  #closed = false;

  private constructor(limits: MemoryLimits) {
    this.#table = new TaskTable(limits);
  }

  static async open(limits: MemoryLimits = UNLIMITED): Promise<MemoryStorage> {
    return new MemoryStorage(limits);
  }

  turn<const Operations extends readonly Operation[]>(
    operations: Operations,
    time: TurnTime,
  ): Promise<{ [Index in keyof Operations]: OperationOutcome<Operations[Index]> }>;
  async turn(operations: readonly Operation[], { now }: TurnTime): Promise<unknown> {
    this.#requireOpen();
    removeSurplus(this.#table);
    const at: StartingPoint = {
      table: this.#table,
      workers: this.#workers,
      keys: this.#keys,
      now,
      freeSlots: new FreeSlots(),
    };
    return operations.map((operation) => {
      try {
        return { ok: true, value: this.#apply(operation, at) };
      } catch (error) {
        return { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
      }
    });
  }

  async get(id: string): Promise<StoredTask | undefined> {
    this.#requireOpen();
    const task = this.#table.get(id);
    return task && toStoredTask(task);
  }

  async state(id: string): Promise<TaskState | undefined> {
    this.#requireOpen();
    return this.#table.get(id)?.state;
  }

  async deadLetters(query: DeadLetterQuery): Promise<DeadLetter[]> {
    this.#requireOpen();
    const after = query.after === undefined ? undefined : this.#table.get(query.after);
    if (query.after !== undefined && after?.state !== "in_dead_letter_queue") return [];
    return this.#table.deadLetters.list(query, after).map(({ id, endedAt = 0 }) => ({ id, endedAt }));
  }

  async abortRequests(worker: string): Promise<AttemptKey[]> {
    this.#requireOpen();
    const running = this.#table.runningOf(worker);
    return running.filter((task) => task.abortRequested).map(({ id, epoch }) => ({ id, epoch }));
  }

  async nextDueAt(): Promise<number | undefined> {
    this.#requireOpen();
    return this.#table.firstWaiting()?.dueAt;
  }

  async workers(): Promise<WorkerRow[]> {
    this.#requireOpen();
    return this.#workers.list();
  }

  async registry(knownVersion: number | undefined): Promise<Registry | undefined> {
    this.#requireOpen();
    return this.#registrations.read(knownVersion);
  }

  async topicCounts(): Promise<TopicCounts[]> {
    this.#requireOpen();
    return topicCounts({ table: this.#table, workers: this.#workers, registered: this.#registrations.topics() });
  }

  /** Nobody else can. */
  async changedElsewhere(): Promise<boolean> {
    this.#requireOpen();
    return false;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #apply(operation: Operation, at: StartingPoint): OperationResults[Operation["kind"]] {
    const { table, workers, now } = at;
    switch (operation.kind) {
      case "enqueue":
        return enqueue(at, operation);
      case "enqueueMany":
        return enqueueMany(at, operation.tasks);
      case "claim":
        return claim(at, operation);
      case "settle":
        return settle(table, operation, now);
      case "disclaim":
        return disclaim(table, operation, now);
      case "progress": {
        const task = table.get(operation.id);
        if (task?.state !== "running" || task.epoch !== operation.epoch) return false;
        task.progress = operation.progress;
        return true;
      }
      case "abort":
        return abort(table, operation.id, now);
      case "requeue":
        return requeue(table, operation.id, now);
      case "discard":
        return discard(table, operation.id);
      case "promote":
        return promote(table, operation.limit, now);
      case "registerTopic":
        workers.offer(operation.worker, operation.registration.topic, operation.functions.keys());
        this.#registrations.register(operation, now);
        return undefined;
      case "renewOffers":
        for (const [topic, functions] of workers.offersOf(operation.worker))
          this.#registrations.renew(topic, functions, now);
        return undefined;
      case "registerWorker":
        return workers.register(operation.worker);
      case "heartbeat":
        return workers.beat(operation.worker);
      case "rescue":
        return rescue({ table, workers }, operation, now);
      case "removeWorker":
        return workers.remove(operation.worker);
      case "prune":
        return prune(table, operation);
      case "probe":
        return undefined;
      case "pruneKeys":
        return this.#pruneKeys(operation.limit, now);
      default:
        return assertNever(operation);
    }
  }

  #pruneKeys(limit: number, now: number): OperationResults["pruneKeys"] {
    const result = this.#keys.prune(limit, now);
    this.#table.memory.keys(-result.removed);
    return result;
  }

  #requireOpen(): void {
    if (this.#closed) throw new Stage3Error("STOPPED", "The storage is closed; open it again.");
  }
}
