import { settingsOfTask, type TaskSettings } from "../core/options/precedence.ts";
import type { FunctionDescription, FunctionPolicy, QueueSettings } from "../core/options/settings.ts";
import type { Executor, Unavailable } from "../executor/port.ts";
import type { ClaimedTask, ClaimOperation } from "../storage/port.ts";

/** The most tasks that one claim takes, so that one turn stays short. */
const LARGEST_CLAIM = 1_000;

/** The settings of one topic and its slots in this process, while a worker runs. */
export class Queue {
  readonly settings: QueueSettings;
  readonly executor: Executor;
  readonly functions: ReadonlyMap<string, FunctionPolicy>;
  readonly #restarts: ReadonlyMap<string, { readonly maxRestarts: number }>;
  /** Those of its functions that can be run now. */
  #available: ReadonlyMap<string, { readonly maxRestarts: number }>;
  #canStart = true;
  #running = 0;
  /** Whether its line may hold a task that this worker could claim. */
  #mayHaveReady = true;

  constructor(settings: QueueSettings, executor: Executor, functions: readonly FunctionDescription[]) {
    this.settings = settings;
    this.executor = executor;
    this.functions = new Map(functions.map(({ name, policy }) => [name, policy]));
    this.#restarts = new Map(
      functions.map(({ name, policy }) => [name, { maxRestarts: policy.maxRestarts ?? settings.maxRestarts }]),
    );
    this.#available = this.#restarts;
  }

  /** Whether what runs its tasks can be started. */
  get canStart(): boolean {
    return this.#canStart;
  }

  /** From now on no task of these functions is claimed, and those of all others are. */
  leaveOut({ cannotStart, functions }: Unavailable): void {
    this.#canStart = !cannotStart;
    this.#available = new Map([...this.#restarts].filter(([name]) => !functions.has(name)));
    this.#mayHaveReady = true;
  }

  /** The claim that fills the free slots, if there is reason for one. */
  claim(worker: string, enqueuesFollow: boolean): ClaimOperation | undefined {
    const limit = Math.min(this.settings.maxConcurrency - this.#running, LARGEST_CLAIM);
    if (limit <= 0 || this.#available.size === 0 || !(this.#mayHaveReady || enqueuesFollow)) return undefined;
    return { kind: "claim", topic: this.settings.topic, worker, limit, functions: this.#available };
  }

  /** A claim of `limit` gave `count` tasks: fewer mean that no more are ready. True: more may be, and slots are free. */
  claimGave(count: number, limit: number): boolean {
    this.#mayHaveReady = count >= limit;
    return this.#mayHaveReady && this.#running < this.settings.maxConcurrency;
  }

  /** Its line may hold tasks that could be claimed. */
  expectReady(): void {
    this.#mayHaveReady = true;
  }

  slotTaken(): void {
    this.#running += 1;
  }

  slotFreed(): void {
    this.#running -= 1;
  }

  /** What lets an enqueue start its task at once, where this worker knows the function. */
  startFor(worker: string, functionName: string): { worker: string; maxRestarts: number } | undefined {
    const known = this.#available.get(functionName);
    return known === undefined ? undefined : { worker, maxRestarts: known.maxRestarts };
  }

  /** How an attempt of the task is run. */
  limitsOf({ options, function: name }: ClaimedTask): TaskSettings {
    return settingsOfTask(options, this.functions.get(name) ?? {}, this.settings);
  }
}
