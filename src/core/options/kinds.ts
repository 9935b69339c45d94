import { parseDuration } from "./durations.ts";
import {
  type QueueEntries,
  readDatabase,
  readHttp,
  readLease,
  readQueueEntries,
  readRetention,
  readTasksOption,
  type ResolvedHttp,
  type ResolvedRetention,
  type ResolvedTasks,
} from "./instance-readers.ts";
import {
  oneOf,
  readBoolean,
  readIdempotencyKey,
  readMemory,
  readPriority,
  readRestarts,
  readTime,
  readTimeout,
  type ReadValue,
  wholeNumber,
} from "./readers.ts";
import { parseSize } from "./sizes.ts";
import type { Durability, Isolation } from "./types.ts";

/** What the values of each kind of option are in the code, once they have been read. */
export interface KindValues {
  readonly priority: number;
  readonly count: number;
  readonly length: number;
  readonly restarts: number;
  readonly duration: number;
  readonly timeout: number;
  readonly time: number;
  readonly lease: number;
  readonly size: number;
  readonly memory: number;
  readonly boolean: boolean;
  readonly isolation: Isolation;
  readonly durability: Durability;
  readonly idempotencyKey: string;
  readonly database: string;
  readonly tasks: ResolvedTasks;
  readonly queues: QueueEntries;
  readonly retention: Partial<ResolvedRetention>;
  readonly http: ResolvedHttp;
}

/** How the values of one kind are read from what somebody has written, and what `typeof` says of them then. */
export interface Kind<Value> {
  readonly read: ReadValue<Value>;
  readonly type: "number" | "string" | "boolean" | "object";
}

export const KINDS: { readonly [Name in keyof KindValues]: Kind<KindValues[Name]> } = {
  priority: { read: readPriority, type: "number" },
  count: { read: wholeNumber(1), type: "number" },
  length: { read: wholeNumber(0, true), type: "number" },
  restarts: { read: readRestarts, type: "number" },
  duration: { read: parseDuration, type: "number" },
  timeout: { read: readTimeout, type: "number" },
  time: { read: readTime, type: "number" },
  lease: { read: readLease, type: "number" },
  size: { read: parseSize, type: "number" },
  memory: { read: readMemory, type: "number" },
  boolean: { read: readBoolean, type: "boolean" },
  isolation: { read: oneOf("inline", "thread", "process"), type: "string" },
  durability: { read: oneOf("power-loss", "process-crash"), type: "string" },
  idempotencyKey: { read: readIdempotencyKey, type: "string" },
  database: { read: readDatabase, type: "string" },
  tasks: { read: readTasksOption, type: "object" },
  queues: { read: readQueueEntries, type: "object" },
  retention: { read: readRetention, type: "object" },
  http: { read: readHttp, type: "object" },
};
