import type { FunctionDescription } from "../core/options/settings.ts";
import { stopped } from "./pool-errors.ts";
import { type AttemptHolder, type AttemptShare, PooledAttempt } from "./pooled-attempt.ts";
import type { Executor, RunningAttempt, RunRequest, TellUnavailable } from "./port.ts";

export interface ShareOptions {
  /** Named in warnings. */
  readonly topic: string;
  /** The most attempts of the topic at once. */
  readonly maxSize: number;
  readonly tell: TellUnavailable;
}

/** What a share asks of its pool. */
interface PoolOfShare {
  /** Has the attempts until a member does. */
  readonly holder: AttemptHolder;
  readonly describe: () => Promise<readonly FunctionDescription[]>;
  readonly run: (attempt: PooledAttempt) => void;
  readonly drop: (attempt: PooledAttempt) => void;
  /** Resolves once the pool has ended, if nobody else uses it, else at once. */
  readonly leave: () => Promise<void>;
}

/** One topic's part in a pool that it shares with the other topics of its tasks module. */
export class PoolShare implements Executor, AttemptShare {
  readonly topic: string;
  readonly maxSize: number;
  readonly tell: TellUnavailable;
  running: number = 0;
  readonly #pool: PoolOfShare;
  /** Those that are not over. */
  readonly #attempts: Set<PooledAttempt> = new Set();
  readonly #allOver = Promise.withResolvers<void>();
  #isStopped = false;
  #stopping: Promise<void> | undefined;

  constructor({ topic, maxSize, tell }: ShareOptions, pool: PoolOfShare) {
    this.topic = topic;
    this.maxSize = maxSize;
    this.tell = tell;
    this.#pool = pool;
  }

  /** Whether one more of its attempts may run. One that is being killed does not count, however long that takes. */
  get hasRoom(): boolean {
    return this.running < this.maxSize;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  describe(): Promise<readonly FunctionDescription[]> {
    return this.isStopped ? Promise.reject(stopped()) : this.#pool.describe();
  }

  run(request: RunRequest): RunningAttempt {
    const attempt = new PooledAttempt(request, this, this.#pool.holder);
    this.#attempts.add(attempt);
    if (this.#isStopped) attempt.settle({ kind: "blameless" });
    else this.#pool.run(attempt);
    return attempt;
  }

  /** Ends what waits, and resolves when nothing of the topic runs any more, nor any member that nobody else uses. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  over(attempt: PooledAttempt): void {
    this.#attempts.delete(attempt);
    if (this.isStopped && this.#attempts.size === 0) this.#allOver.resolve();
  }

  async #stop(): Promise<void> {
    this.#isStopped = true;
    const left = this.#pool.leave();
    for (const attempt of this.#attempts) if (attempt.isWaiting) this.#pool.drop(attempt);
    if (this.#attempts.size > 0) await this.#allOver.promise;
    await left;
  }
}
