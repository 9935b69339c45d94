import type { TopicCounts } from "../storage/port.ts";

/** How many tasks a topic has in each state. Ended ones count until their retention has passed. */
export interface QueueCounts {
  readonly topic: string;
  /** Tasks that wait for a free slot or for a restart. */
  readonly queued: number;
  /** Queued tasks that are not due yet. */
  readonly delayed: number;
  readonly running: number;
  readonly finished: number;
  readonly inDeadLetterQueue: number;
  readonly aborted: number;
  /** Whether the queue is paused. No queue can be paused yet: false. */
  readonly paused: boolean;
  /** Since when the oldest ready task has waited for a slot; absent where none waits. */
  readonly oldestQueuedAt?: Date;
  /** Queued tasks of functions that no running worker knows. */
  readonly unclaimable: number;
}

/** The counts of a topic as applications see them. */
export function toQueueCounts({ topic, counts, oldestQueuedAt, unclaimable }: TopicCounts): QueueCounts {
  return {
    topic,
    queued: counts.ready + counts.waiting,
    delayed: counts.waiting,
    running: counts.running,
    finished: counts.finished,
    inDeadLetterQueue: counts.in_dead_letter_queue,
    aborted: counts.aborted,
    paused: false,
    ...(oldestQueuedAt === undefined ? {} : { oldestQueuedAt: new Date(oldestQueuedAt) }),
    unclaimable: unclaimable.reduce((sum, { tasks }) => sum + tasks, 0),
  };
}
