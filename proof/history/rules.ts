/** What a history is judged by, beside its own events. */
export interface Rules {
  /** By topic: how many attempts may run at once in one process. */
  readonly maxConcurrency: Readonly<Record<string, number>>;
  /**
   * By topic: how often a task is started again at most. For histories without commits, where no task names another
   * number; else the commits tell it.
   */
  readonly maxRestarts?: Readonly<Record<string, number>>;
  /** How often a task that names no number itself is started again at most; asked of histories with commits. */
  readonly restarts?: Restarts;
  /** Ended tasks are removed meanwhile: of one that is gone it is enough that it has come to an end. */
  readonly prunes?: boolean;
  /** After how long without a heartbeat a worker may be taken for dead; asked of histories with commits. */
  readonly leaseMs?: number;
  /** For how long ended tasks have to be kept; asked of histories with commits. */
  readonly retentionMs?: Readonly<Record<"finished" | "aborted" | "in_dead_letter_queue", number>>;
}

/** What a function says of restarts wins over what its queue says. */
export interface Restarts {
  readonly ofFunctions: Readonly<Record<string, number>>;
  readonly ofTopics: Readonly<Record<string, number>>;
}

/** Takes a sentence about something that must not be, and the rule that it breaks. */
export type Accuse = (rule: string, sentence: string) => void;
