import type { Operation, OperationResults, Storage, TurnAnswer, TurnTime, Watch } from "../storage/port.ts";
import type { EnqueueLog } from "./enqueue-log.ts";

/**
 * A storage that can be paused: while it is, a worker finds nothing to claim, and capacity is that of an
 * instance which was not started. It also writes down what is enqueued.
 */
export class PausableStorage implements Storage {
  readonly isShared: boolean;
  readonly #storage: Storage;
  readonly #log: EnqueueLog;
  readonly #listeners = new Set<() => void>();
  #isPaused = true;

  constructor(storage: Storage, log: EnqueueLog) {
    this.#storage = storage;
    this.#log = log;
    this.isShared = storage.isShared;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    for (const listener of this.#listeners) listener();
  }

  turn<const Operations extends readonly Operation[]>(
    operations: Operations,
    time: TurnTime,
  ): Promise<TurnAnswer<Operations>>;
  async turn(operations: readonly Operation[], time: TurnTime): Promise<unknown> {
    const answer = await this.#storage.turn(this.#isPaused ? operations.map(withoutSlots) : operations, time);
    for (const [index, operation] of operations.entries()) {
      const outcome = answer.outcomes[index];
      if (outcome?.ok === true) this.#write(operation, outcome.value, time);
    }
    return answer;
  }

  readonly get: Storage["get"] = (id) => this.#storage.get(id);
  readonly state: Storage["state"] = (id) => this.#storage.state(id);
  readonly states: Storage["states"] = (ids) => this.#storage.states(ids);
  readonly deadLetters: Storage["deadLetters"] = (query) => this.#storage.deadLetters(query);
  readonly abortRequests: Storage["abortRequests"] = (worker) => this.#storage.abortRequests(worker);
  readonly nextDueAt: Storage["nextDueAt"] = () => this.#storage.nextDueAt();
  readonly workers: Storage["workers"] = () => this.#storage.workers();
  readonly registry: Storage["registry"] = (version) => this.#storage.registry(version);
  readonly topicCounts: Storage["topicCounts"] = () => this.#storage.topicCounts();

  /** Also tells when it is no longer paused. */
  watch(listener: () => void): Watch {
    const watch = this.#storage.watch(listener);
    this.#listeners.add(listener);
    return {
      stop: () => {
        this.#listeners.delete(listener);
        watch.stop();
      },
    };
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#storage[Symbol.asyncDispose]();
  }

  #write(operation: Operation, value: OperationResults[Operation["kind"]], { now }: TurnTime): void {
    if (operation.kind !== "enqueue" && operation.kind !== "enqueueMany") return;
    const result = value as OperationResults["enqueue" | "enqueueMany"];
    if (result.kind !== "stored" && result.kind !== "claimed") return;
    const tasks = operation.kind === "enqueue" ? [operation] : operation.tasks;
    const repeated = new Set("repeated" in result ? result.repeated.map(({ index }) => index) : []);
    for (const [index, task] of tasks.entries()) if (!repeated.has(index)) this.#log.add(task, now);
  }
}

/** A claim of no slots takes nothing, and leaves nothing free for the enqueues that follow in its turn. */
function withoutSlots(operation: Operation): Operation {
  return operation.kind === "claim" ? { ...operation, limit: 0 } : operation;
}
