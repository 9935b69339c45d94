import type { AttemptShare, PooledAttempt } from "./pooled-attempt.ts";

/**
 * The attempts of a pool that wait for a member. Topics take turns, an attempt each, so that none starves another; those of
 * one topic run in the order in which they came.
 */
export class WaitingAttempts {
  /** The topics that have some, the one whose turn it is first. */
  readonly #lines = new Map<AttemptShare, Set<PooledAttempt>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  add(attempt: PooledAttempt): void {
    const line = this.#lines.get(attempt.share);
    if (line === undefined) this.#lines.set(attempt.share, new Set([attempt]));
    else line.add(attempt);
    this.#size += 1;
  }

  delete(attempt: PooledAttempt): void {
    const line = this.#lines.get(attempt.share);
    if (line?.delete(attempt) !== true) return;
    this.#size -= 1;
    if (line.size === 0) this.#lines.delete(attempt.share);
  }

  /** Takes the next one whose topic may have one more running. */
  take(): PooledAttempt | undefined {
    for (const [share, line] of this.#lines) {
      const [attempt] = line;
      if (attempt === undefined || !share.hasRoom) continue;
      this.delete(attempt);
      // The topic goes behind the others.
      if (this.#lines.delete(share)) this.#lines.set(share, line);
      return attempt;
    }
    return undefined;
  }

  *[Symbol.iterator](): IterableIterator<PooledAttempt> {
    for (const line of this.#lines.values()) yield* line;
  }
}
