import type { Clock } from "../core/clock.ts";
import type { WarningCode } from "../core/events.ts";
import type { FailureReason } from "../core/failure.ts";
import type { FunctionDescription } from "../core/options/settings.ts";
import type { PoolShare } from "./pool-share.ts";

export interface ShortageParts {
  /** The topics that are told. */
  readonly shares: Iterable<Pick<PoolShare, "topic" | "tell">>;
  readonly clock: Clock;
  readonly warn: (code: WarningCode, message: string) => void;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** How many queues a warning names. */
const MOST_NAMED = 3;

/** How long the same warning is not repeated. */
const WARN_AGAIN_MS = 60_000;

/**
 * What a pool cannot run for now, through no fault of a task: everything while no member starts, and the functions that
 * the tasks module, as it was loaded last, does not have any more.
 */
export class Shortage {
  readonly #parts: ShortageParts;
  /** As the first member told them. */
  #functions: ReadonlySet<string> = new Set();
  #missing: ReadonlySet<string> = new Set();
  #failedStarts = 0;
  #warned: { readonly message: string; readonly at: number } | undefined;

  constructor(parts: ShortageParts) {
    this.#parts = parts;
  }

  /** Whether no member could be started when that was tried last. */
  get cannotStart(): boolean {
    return this.#failedStarts > 0;
  }

  /** How long to wait until the next start is tried. */
  get retryDelayMs(): number {
    return Math.min(FIRST_RETRY_MS * 2 ** Math.max(this.#failedStarts - 1, 0), LONGEST_RETRY_MS);
  }

  /** Whether a member that has loaded these functions lacks one that the tasks module once had. */
  lacks(loaded: ReadonlySet<string>, name: string): boolean {
    return this.#functions.has(name) && !loaded.has(name);
  }

  /** Those that can be run, of the functions that the first member told. */
  withoutMissing(functions: readonly FunctionDescription[]): readonly FunctionDescription[] {
    return this.#missing.size === 0 ? functions : functions.filter(({ name }) => !this.#missing.has(name));
  }

  startFailed({ message }: FailureReason): void {
    this.#failedStarts += 1;
    if (this.#failedStarts === 1) this.#tell();
    this.#warn(
      "WORKER_CANNOT_START",
      `${this.#nothingIsClaimed()} cannot be started. That is tried again until it can. ${message}`,
    );
  }

  started(functions: readonly FunctionDescription[]): void {
    const loaded = new Set(functions.map(({ name }) => name));
    if (this.#functions.size === 0) this.#functions = loaded;
    const missing = this.#functions.difference(loaded);
    const isNews = this.cannotStart || missing.symmetricDifference(this.#missing).size > 0;
    this.#failedStarts = 0;
    this.#missing = missing;
    this.#warned = undefined;
    if (!isNews) return;
    this.#tell();
    if (missing.size > 0) this.#parts.warn("FUNCTION_MISSING", this.#missingMessage());
  }

  #tell(): void {
    const { cannotStart } = this;
    const unavailable = { cannotStart, functions: cannotStart ? this.#functions : this.#missing };
    for (const share of this.#parts.shares) share.tell(unavailable);
  }

  /** Each message when it is new, and then once a minute. */
  #warn(code: WarningCode, message: string): void {
    const now = this.#parts.clock.monotonic();
    if (this.#warned?.message === message && now - this.#warned.at < WARN_AGAIN_MS) return;
    this.#warned = { message, at: now };
    this.#parts.warn(code, message);
  }

  #nothingIsClaimed(): string {
    const { names, count } = this.#queues();
    return count === 1
      ? `Queue ${names} claims nothing, because what runs its tasks`
      : `Queues ${names} claim nothing, because what runs their tasks`;
  }

  #missingMessage(): string {
    const functions = [...this.#missing].map((name) => JSON.stringify(name)).join(", ");
    const { names, count } = this.#queues();
    return (
      `The tasks module of ${count === 1 ? "queue" : "queues"} ${names} was changed, and has no function ${functions} ` +
      "any more. This worker claims no tasks of it until the module, loaded anew, has it again: restart the worker."
    );
  }

  /** Those that the pool serves, of which a warning names only the first few. */
  #queues(): { readonly names: string; readonly count: number } {
    const topics = Array.from(this.#parts.shares, ({ topic }) => JSON.stringify(topic));
    const rest = topics.length - MOST_NAMED;
    const names = topics.slice(0, MOST_NAMED).join(", ");
    return { names: rest > 0 ? `${names} and ${rest} more` : names, count: topics.length };
  }
}
