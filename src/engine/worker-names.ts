/**
 * Worker ids that tell their own past: `instance.generation.registration`. An Engine that is started anew after its
 * thread died has the same instance and a higher generation, so it knows which workers were its predecessors.
 */
export class WorkerNames {
  readonly #instance: string;
  readonly #generation: number;
  #registrations = 0;

  constructor(instance: string, generation: number) {
    this.#instance = instance;
    this.#generation = generation;
  }

  /** An id that no worker ever had. */
  next(): string {
    this.#registrations += 1;
    return `${this.#instance}.${this.#generation}.${this.#registrations}`;
  }

  /** Whether the worker belonged to an Engine that died before this one was started in its place. */
  isPredecessor(worker: string): boolean {
    const [instance, generation] = worker.split(".");
    return instance === this.#instance && Number(generation) < this.#generation;
  }
}
