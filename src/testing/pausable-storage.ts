import { ForwardedReads } from "../storage/forwarded-reads.ts";
import type { Operation, OperationResults, Storage, TurnAnswer, TurnTime, Watch } from "../storage/port.ts";
import type { EnqueueLog } from "./enqueue-log.ts";

/**
 * A storage that can be paused: while it is, a worker finds nothing to claim, and capacity is that of an
 * instance which was not started. It also writes down what is enqueued.
 */
export class PausableStorage extends ForwardedReads implements Storage {
  readonly isShared: boolean;
  readonly #storage: Storage;
  readonly #log: EnqueueLog;
  readonly #listeners = new Set<() => void>();
  #isPaused = true;

  constructor(storage: Storage, log: EnqueueLog) {
    super();
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

  protected override target(): Storage {
    return this.#storage;
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
