/** Who has changed the one database of a simulation, for a storage that does not know it is shared. */
export class SharedChanges {
  #total = 0;
  readonly #own = new Map<string, number>();

  changedBy(worker: string): void {
    this.#total += 1;
    this.#own.set(worker, (this.#own.get(worker) ?? 0) + 1);
  }

  /** A number that others raise. */
  madeByOthers(worker: string): number {
    return this.#total - (this.#own.get(worker) ?? 0);
  }
}
