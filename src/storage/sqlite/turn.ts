import type { DatabaseSync } from "node:sqlite";
import { FreeSlots } from "../free-slots.ts";
import type { TaskChange } from "../port.ts";
import { TurnCounters } from "./counters.ts";
import type { MemoryUse } from "./memory.ts";
import type { Prepared } from "./prepared.ts";

export interface TurnParts {
  readonly database: DatabaseSync;
  readonly prepared: Prepared;
  readonly now: number;
  /** Of a database in memory that has limits. */
  readonly memory: MemoryUse | undefined;
}

/** What the operations of one turn share. */
export class Turn {
  readonly prepared: Prepared;
  readonly now: number;
  readonly counters: TurnCounters;
  readonly freeSlots: FreeSlots = new FreeSlots();
  readonly memory: MemoryUse | undefined;
  /** In the order in which they were made. */
  readonly changes: TaskChange[] = [];
  readonly #database: DatabaseSync;

  constructor({ database, prepared, now, memory }: TurnParts) {
    this.#database = database;
    this.prepared = prepared;
    this.now = now;
    this.memory = memory;
    this.counters = new TurnCounters(prepared);
  }

  /** Does some work, and takes all of it back where it is not to be kept, or throws. */
  allOrNothing<Value>(work: () => { readonly keep: boolean; readonly value: Value }): Value {
    this.counters.flush();
    const { length } = this.changes;
    const giveBackSlots = this.freeSlots.mark();
    this.#database.exec("SAVEPOINT work");
    let isKept = false;
    try {
      const { keep, value } = work();
      if (keep) this.counters.flush();
      isKept = keep;
      return value;
    } finally {
      if (!isKept) this.#takeBack(length, giveBackSlots);
      // After some errors (a full disk) nothing is left to end.
      if (this.#database.isTransaction) this.#database.exec("RELEASE work");
    }
  }

  #takeBack(length: number, giveBackSlots: () => void): void {
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK TO work");
    this.counters.clear();
    giveBackSlots();
    this.changes.length = length;
    this.memory?.measure();
  }
}
