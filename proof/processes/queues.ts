import type { QueueOptions } from "../../src/core/options/types.ts";

export type Topic = "emails" | "imports" | "charts" | "reports";

interface TightQueue extends QueueOptions {
  readonly maxConcurrency: number;
  readonly maxRestarts: number;
}

const POOLED: TightQueue = {
  maxConcurrency: 2,
  maxRestarts: 2,
  maxBackoff: 20,
  maxQueueLen: 10_000,
  abortGrace: 50,
  shutdownGrace: 20,
};

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
  charts: { ...POOLED, isolation: "thread" },
  reports: { ...POOLED, isolation: "process" },
};

/** Topics whose tasks run on the worker's own event loop. */
export const INLINE_TOPICS: readonly Topic[] = ["emails", "imports"];

/** Topics whose tasks run in threads or processes. Each of these costs about as much as all the rest of a worker. */
export const POOLED_TOPICS: readonly Topic[] = ["charts", "reports"];

export function isPooled(topic: Topic): boolean {
  return POOLED_TOPICS.includes(topic);
}

/** For the checker. */
export function limitsOf(name: "maxConcurrency" | "maxRestarts"): Record<Topic, number> {
  const { emails, imports, charts, reports } = QUEUES;
  return { emails: emails[name], imports: imports[name], charts: charts[name], reports: reports[name] };
}

/** Long enough that a worker which only waits for the processor is not taken for dead. */
export const LEASE_MS = 2_000;
