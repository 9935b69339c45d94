import type { Clock } from "../core/clock.ts";
import type { WarningCode } from "../core/events.ts";
import type { FailureReason } from "../core/failure.ts";
import type { FunctionDescription } from "../core/options/settings.ts";
import type { TellUnavailable } from "./port.ts";

export interface ShortageParts {
  readonly topic: string;
  readonly clock: Clock;
  readonly tell: TellUnavailable;
  readonly warn: (code: WarningCode, message: string) => void;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

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

  startFailed({ message }: FailureReason): void {
    this.#failedStarts += 1;
    if (this.#failedStarts === 1) this.#tell();
    this.#warn(
      "WORKER_CANNOT_START",
      `Queue "${this.#parts.topic}" claims nothing, because what runs its tasks cannot be started. ` +
        `That is tried again until it can. ${message}`,
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
    this.#parts.tell({ cannotStart, functions: cannotStart ? this.#functions : this.#missing });
  }

  /** Each message when it is new, and then once a minute. */
  #warn(code: WarningCode, message: string): void {
    const now = this.#parts.clock.monotonic();
    if (this.#warned?.message === message && now - this.#warned.at < WARN_AGAIN_MS) return;
    this.#warned = { message, at: now };
    this.#parts.warn(code, message);
  }

  #missingMessage(): string {
    const names = [...this.#missing].map((name) => JSON.stringify(name)).join(", ");
    return (
      `The tasks module of queue "${this.#parts.topic}" was changed, and has no function ${names} any more. ` +
      "This worker claims no tasks of it until the module, loaded anew, has it again: restart the worker."
    );
  }
}
