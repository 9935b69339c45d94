import type { QueueOptions } from "../../core/options.ts";

export type Topic = "emails" | "imports" | "reports";

interface TightQueue extends QueueOptions {
  readonly maxConcurrency: number;
  readonly maxRestarts: number;
}

/** The queues of all rounds, small enough to be always at their limits. */
export const QUEUES: Readonly<Record<Topic, TightQueue>> = {
  emails: {
    isolation: "inline",
    shutdownGrace: 5,
    maxConcurrency: 6,
    maxRestarts: 3,
    maxBackoff: 20,
    maxQueueLen: 10_000,
  },
  imports: {
    isolation: "inline",
    shutdownGrace: 5,
    maxConcurrency: 2,
    maxRestarts: 1,
    maxBackoff: 0,
    maxQueueLen: 10_000,
  },
  reports: {
    isolation: "process",
    maxConcurrency: 2,
    maxRestarts: 2,
    maxBackoff: 20,
    maxQueueLen: 10_000,
    abortGrace: 50,
    shutdownGrace: 20,
  },
};

/** Topics whose tasks run in the worker's own process. Each child costs more than all the rest of a worker. */
export const INLINE_TOPICS: readonly Topic[] = ["emails", "imports"];

export const ALL_TOPICS: readonly Topic[] = [...INLINE_TOPICS, "reports"];

/** For the checker. */
export function limitsOf(name: "maxConcurrency" | "maxRestarts"): Record<Topic, number> {
  return { emails: QUEUES.emails[name], imports: QUEUES.imports[name], reports: QUEUES.reports[name] };
}

/** Long enough that a worker which only waits for the processor is not taken for dead. */
export const LEASE_MS = 2_000;
