/** How much is measured. */
export interface Scale {
  /** Of each measurement whose result is a rate; odd, so that the median is one of them. */
  readonly repetitions: number;
  /** Tasks that are enqueued each after the answer to the one before. */
  readonly oneByOne: number;
  /** Calls of `enqueueMany`, and rounds of enqueues at once. */
  readonly batches: number;
  /** Tasks in a queue that is emptied, and how many of them run at once. */
  readonly drain: number;
  readonly drainConcurrencies: readonly number[];
  /** Tasks in the mixed load, and how many of them run at once. */
  readonly mixed: number;
  readonly mixedConcurrency: number;
  readonly latencySamples: number;
  /** With each backlog, which is at least twice as large. */
  readonly claimSamples: number;
  /** Tasks that wait while claims are measured, rising. */
  readonly backlogs: readonly number[];
  /** Tasks that wait while memory is measured. */
  readonly waiting: number;
  readonly idleMs: number;
}

export const FULL: Scale = {
  repetitions: 3,
  oneByOne: 1_000,
  batches: 20,
  drain: 20_000,
  drainConcurrencies: [10, 100],
  mixed: 20_000,
  mixedConcurrency: 100,
  latencySamples: 300,
  claimSamples: 500,
  backlogs: [1_000, 100_000, 1_000_000],
  waiting: 100_000,
  idleMs: 1_000,
};

/** Too little to tell anything but that each measurement works. */
export const QUICK: Scale = {
  repetitions: 1,
  oneByOne: 20,
  batches: 1,
  drain: 200,
  drainConcurrencies: [2, 4],
  mixed: 200,
  mixedConcurrency: 4,
  latencySamples: 5,
  claimSamples: 5,
  backlogs: [100, 200, 300],
  waiting: 1_000,
  idleMs: 50,
};
