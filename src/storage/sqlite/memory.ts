import { getHeapStatistics } from "node:v8";
import type { FailureReason } from "../../core/failure.ts";
import type { TaskState } from "../../core/transitions.ts";
import type { MemoryShortage, NewTask, TaskChange } from "../port.ts";
import { FILES_SQL } from "./files/files-sql.ts";
import type { Prepared, Sql } from "./prepared.ts";
import { number } from "./row.ts";
import { BYTES_COLUMN } from "./task-row.ts";

/** How much a database in memory may hold before its process runs out of memory. */
export interface MemoryLimits {
  /** Of all but ended tasks. Beyond it new tasks are refused. */
  readonly liveBytes: number;
  /** Of ended tasks. Beyond it those that ended first are removed, however long they are to be kept. */
  readonly endedBytes: number;
  /** How many tasks of each end state are kept. */
  readonly endedTasks: number;
}

const MOST_ENDED_TASKS = 10_000;

/** The default of Node 24; less in others, and where it is set. */
const YOUNG_GENERATION_BYTES = 192 * 1024 ** 2;

/**
 * What the user lets this process take, by the heap of its threads. The database is not part of that, but what is under
 * way is, and the rest of the application.
 */
export function limitsOfThisProcess(): MemoryLimits {
  const limitBytes = getHeapStatistics().heap_size_limit;
  // The limit includes what is only for new objects.
  const heapBytes = Math.max(limitBytes - YOUNG_GENERATION_BYTES, limitBytes / 4);
  return { liveBytes: heapBytes / 4, endedBytes: heapBytes / 8, endedTasks: MOST_ENDED_TASKS };
}

export const MEMORY_SQL: Sql<"size"> = {
  size: `
    SELECT ${BYTES_COLUMN}
    FROM tasks
    WHERE id = ?`,
};

/** Of a task beside its texts: its row, and its places in indexes. */
const TASK_BYTES = 300;
const SHORT_MESSAGE = 256;

/** In the order in which their tasks are removed for want of memory: dead letters last. */
export const END_STATES = ["finished", "aborted", "in_dead_letter_queue"] as const;

/** What a database in memory holds, and may hold. */
export class MemoryUse {
  readonly #prepared: Prepared;
  readonly #limits: MemoryLimits;
  readonly #pageBytes: number;
  /** By state and id: how many bytes each ended task takes. */
  readonly #ended = new Map<TaskState, Map<string, number>>(END_STATES.map((state) => [state, new Map()]));
  #endedBytes = 0;
  /** Of all but ended tasks. */
  #liveBytes = 0;

  constructor(prepared: Prepared, limits: MemoryLimits) {
    this.#prepared = prepared;
    this.#limits = limits;
    this.#pageBytes = number(prepared.of(FILES_SQL).pageSize.get() ?? {}, "page_size");
  }

  /** To be called at the begin of a turn, and where some of it is taken back. */
  measure(): void {
    const { pageCount, freePages } = this.#prepared.of(FILES_SQL);
    const pages = number(pageCount.get() ?? {}, "page_count") - number(freePages.get() ?? {}, "freelist_count");
    this.#liveBytes = Math.max(pages * this.#pageBytes - this.#endedBytes, 0);
  }

  /** How many tasks of an end state are too many. */
  surplusOf(state: TaskState): number {
    return (this.#ended.get(state)?.size ?? 0) - this.#limits.endedTasks;
  }

  /** How much more ended tasks take than they may. */
  get surplusBytes(): number {
    return this.#endedBytes - this.#limits.endedBytes;
  }

  /** How much an ended task takes. */
  bytesOf(state: TaskState, id: string): number {
    return this.#ended.get(state)?.get(id) ?? 0;
  }

  /** A turn has been written. */
  committed(changes: readonly TaskChange[]): void {
    for (const { task, from, to } of changes) {
      const before = from && this.#ended.get(from);
      this.#endedBytes -= before?.get(task) ?? 0;
      before?.delete(task);
      const after = to && this.#ended.get(to);
      if (after === undefined) continue;
      const bytes = TASK_BYTES + number(this.#prepared.of(MEMORY_SQL).size.get(task) ?? { bytes: 0 }, "bytes");
      after.set(task, bytes);
      this.#endedBytes += bytes;
    }
  }

  /** What is taken up, where a task finds no room any more. Else it is counted as there. */
  shortFor({ args }: NewTask): MemoryShortage | undefined {
    const { liveBytes } = this.#limits;
    const needed = TASK_BYTES + args.length;
    if (this.#liveBytes + needed > liveBytes) return { usedBytes: this.#liveBytes, limitBytes: liveBytes };
    this.#liveBytes += needed;
    return undefined;
  }

  /** What is kept of a failure: less where memory is short, since no failure can be refused. */
  shorten(failure: FailureReason): FailureReason {
    if (this.#liveBytes <= this.#limits.liveBytes) return failure;
    return { code: failure.code, message: failure.message.slice(0, SHORT_MESSAGE) };
  }
}
