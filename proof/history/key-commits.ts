import { assertNever } from "../../src/core/errors.ts";
import type { EnqueueManyOperation, NewTask, OperationResults } from "../../src/storage/port.ts";
import type { Commit } from "./events.ts";
import type { Accuse } from "./rules.ts";

/** A task that was stored with a key. */
interface KeptKey {
  readonly id: string;
  readonly contentHash: string;
}

/**
 * What a storage does with idempotency keys, told by its commits: at most one task is ever stored for a key, and whatever
 * else comes with it is answered by that task. No history is as long as the 24 hours for which a key is kept.
 */
export class KeyCommits {
  readonly #accuse: Accuse;
  readonly #kept = new Map<string, KeptKey>();

  constructor(accuse: Accuse) {
    this.#accuse = accuse;
  }

  committed({ operations, outcomes }: Commit): void {
    for (const [index, operation] of operations.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok !== true) continue;
      if (operation.kind === "enqueue") this.#enqueued(operation, outcome.value as OperationResults["enqueue"]);
      if (operation.kind !== "enqueueMany") continue;
      this.#enqueuedMany(operation, outcome.value as OperationResults["enqueueMany"]);
    }
  }

  #enqueued(task: NewTask, result: OperationResults["enqueue"]): void {
    switch (result.kind) {
      case "stored":
      case "claimed":
        return this.#stored(task);
      case "repeated":
        return this.#repeated(task, result.id);
      case "conflict":
        return this.#conflict(task, this.#of(task));
      case "full":
        return this.#full(task);
      default:
        assertNever(result);
    }
  }

  #enqueuedMany({ tasks }: EnqueueManyOperation, result: OperationResults["enqueueMany"]): void {
    if (result.kind === "stored") {
      const repeated = new Map(result.repeated.map(({ index, id }) => [index, id]));
      for (const [index, task] of tasks.entries()) {
        const id = repeated.get(index);
        if (id === undefined) this.#stored(task);
        else this.#repeated(task, id);
      }
      return;
    }
    const task = tasks[result.index];
    if (task === undefined) return this.#accuse("idempotency", `task ${result.index} of ${tasks.length} was refused`);
    if (result.kind === "full") return this.#full(task);
    // All or none is stored, so that what stands before it in the same call is compared as well.
    const before = tasks.slice(0, result.index).find((other) => other.idempotency?.key === task.idempotency?.key);
    this.#conflict(task, this.#of(task) ?? before?.idempotency);
  }

  #stored(task: NewTask): void {
    const { id, idempotency } = task;
    if (idempotency === undefined) return;
    const kept = this.#of(task);
    if (kept === undefined) this.#kept.set(idempotency.key, { id, contentHash: idempotency.contentHash });
    else if (kept.id !== id) this.#accuse("idempotency", `${kept.id} and ${id} were stored for key ${idempotency.key}`);
  }

  #repeated(task: NewTask, id: string): void {
    const kept = this.#of(task);
    if (kept?.id === id && kept.contentHash === task.idempotency?.contentHash) return;
    this.#accuse("idempotency", `${task.id} was taken for a repeat of ${id}, and its key is ${ownerOf(kept)}`);
  }

  #conflict(task: NewTask, kept: { readonly contentHash: string } | undefined): void {
    if (kept !== undefined && kept.contentHash !== task.idempotency?.contentHash) return;
    this.#accuse(
      "idempotency",
      `${task.id} was refused for its key, which is ${kept === undefined ? "new" : "its own"}`,
    );
  }

  /** A key is looked at before any place in the line. */
  #full(task: NewTask): void {
    const kept = this.#of(task);
    if (kept !== undefined) this.#accuse("idempotency", `${task.id} found no place, and its key is ${ownerOf(kept)}`);
  }

  #of({ idempotency }: NewTask): KeptKey | undefined {
    return idempotency && this.#kept.get(idempotency.key);
  }
}

function ownerOf(kept: KeptKey | undefined): string {
  return kept === undefined ? "new" : `that of ${kept.id}`;
}
