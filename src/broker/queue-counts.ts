import type { TopicCounts } from "../storage/port.ts";

/** How many tasks of one topic are where. Ended ones count until their retention has passed. */
export interface QueueCounts {
  readonly topic: string;
  /** Those that wait, for a free slot or for a restart. */
  readonly queued: number;
  /** Of the queued ones, those whose time has not come yet. */
  readonly delayed: number;
  readonly running: number;
  readonly finished: number;
  readonly inDeadLetterQueue: number;
  readonly aborted: number;
  /** Whether nothing of it is started just now. No queue can be paused yet: false. */
  readonly paused: boolean;
  /** Since when the task has been ready that has waited longest for a slot; left out where none waits for one. */
  readonly oldestQueuedAt?: Date;
  /** Of the queued ones, those of functions that no worker which runs knows. */
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
