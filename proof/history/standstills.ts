/** When something stood still, in true time. */
export class Standstills {
  readonly #over: { readonly from: number; readonly to: number }[] = [];
  #since: number | undefined;

  began(at: number): void {
    this.#since ??= at;
  }

  ended(at: number): void {
    if (this.#since !== undefined) this.#over.push({ from: this.#since, to: at });
    this.#since = undefined;
  }

  /** How much of the time from then until now they took, each less than `tolerated`, which nobody can notice. */
  longerThan(tolerated: number, { from, to }: { readonly from: number; readonly to: number }): number {
    let sum = 0;
    for (const still of this.#over) {
      const overlap = Math.min(still.to, to) - Math.max(still.from, from);
      sum += Math.max(overlap - tolerated, 0);
    }
    return sum;
  }
}
