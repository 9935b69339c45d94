import { getHeapStatistics } from "node:v8";

/** How much a storage in memory may hold before its thread runs out of memory. */
export interface MemoryLimits {
  /** Of tasks that have not ended, and of idempotency keys. Beyond it new tasks are refused. */
  readonly liveBytes: number;
  /** Of ended tasks. Beyond it those that ended first are removed, however long they are to be kept. */
  readonly endedBytes: number;
  /** How many tasks of each end state are kept. */
  readonly endedTasks: number;
}

/** For tests, and where somebody else sees to it. */
export const UNLIMITED: MemoryLimits = { liveBytes: Infinity, endedBytes: Infinity, endedTasks: Infinity };

const MOST_ENDED_TASKS = 10_000;

/** The default of Node 24; less in others, and where it is set. */
const YOUNG_GENERATION_BYTES = 192 * 1024 ** 2;

/**
 * What fits into this thread's heap. A text is counted as one byte a character and may take two, so that tasks take up
 * three quarters of it at the most; the rest is for what is under way.
 */
export function limitsOfThisThread(): MemoryLimits {
  const limitBytes = getHeapStatistics().heap_size_limit;
  // The limit includes what is only for new objects: what stays has to fit into the rest.
  const heapBytes = Math.max(limitBytes - YOUNG_GENERATION_BYTES, limitBytes / 4);
  return { liveBytes: heapBytes / 4, endedBytes: heapBytes / 8, endedTasks: MOST_ENDED_TASKS };
}
