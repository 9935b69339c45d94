import type { ClaimedTask, Operation, OperationResults } from "../../src/storage/port.ts";

/**
 * Who has claimed which attempt, and who was taken for dead since. A worker that stood still between its claim and the
 * begin of the handler begins it when it goes on: nobody can stop it any more, and nothing that it says counts.
 */
export class FencedClaims {
  /** By task and attempt: the id under which its worker has claimed it. */
  readonly #workers = new Map<string, string>();
  readonly #rescued = new Set<string>();

  committed(operation: Operation, value: OperationResults[Operation["kind"]]): void {
    if (operation.kind === "rescue") this.#looked(operation.worker, value as OperationResults["rescue"]);
    if (operation.kind === "claim") this.#claimed(operation.worker, value as OperationResults["claim"]);
    if (operation.kind === "enqueue") {
      const result = value as OperationResults["enqueue"];
      if (result.kind === "claimed") this.#claimed(operation.start?.worker, [result.task]);
    }
    if (operation.kind === "enqueueMany") {
      const result = value as OperationResults["enqueueMany"];
      if (result.kind === "stored") this.#claimed(operation.tasks[0]?.start?.worker, result.claimed);
    }
  }

  has(id: string, attempt: number): boolean {
    const worker = this.#workers.get(`${id} ${attempt}`);
    return worker !== undefined && this.#rescued.has(worker);
  }

  /** Nothing was done to a worker whose heartbeat has moved. */
  #looked(worker: string, { rescued, done }: OperationResults["rescue"]): void {
    if (rescued > 0 || done) this.#rescued.add(worker);
  }

  #claimed(worker: string | undefined, tasks: readonly ClaimedTask[]): void {
    for (const { id, attempt } of tasks) if (worker !== undefined) this.#workers.set(`${id} ${attempt}`, worker);
  }
}
