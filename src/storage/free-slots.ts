/** The slots that the claims of one turn have left free, by topic, for the worker that claimed. */
export class FreeSlots {
  #free = new Map<string, number>();

  leave(topic: string, worker: string, count: number): void {
    this.#free.set(keyOf(topic, worker), this.count(topic, worker) + count);
  }

  has(topic: string, worker: string): boolean {
    return this.count(topic, worker) > 0;
  }

  take(topic: string, worker: string): void {
    this.leave(topic, worker, -1);
  }

  /** What brings them back to how they are now, for an operation that is undone. */
  mark(): () => void {
    const free = new Map(this.#free);
    return () => void (this.#free = free);
  }

  /** How many are left. */
  count(topic: string, worker: string): number {
    return this.#free.get(keyOf(topic, worker)) ?? 0;
  }
}

/** No topic holds U+0000. */
function keyOf(topic: string, worker: string): string {
  return `${topic}\0${worker}`;
}
