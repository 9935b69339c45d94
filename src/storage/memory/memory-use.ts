import { hasEnded } from "../../core/transitions.ts";
import type { MemoryUse } from "../operations.ts";
import type { NewTask } from "../port.ts";
import type { MemoryLimits } from "./memory-limits.ts";
import type { TaskRecord } from "./task-record.ts";

/** Of a task beside its texts: its record, and its places in maps, lines and heaps. Measured: 600. */
const TASK_BYTES = 1_500;
const FAILURE_BYTES = 300;
const KEY_BYTES = 500;

/** How much memory the tasks of a storage take, and what is left for more. */
export class MemoryUseCounter {
  readonly limits: MemoryLimits;
  #liveBytes = 0;
  #endedBytes = 0;

  constructor(limits: MemoryLimits) {
    this.limits = limits;
  }

  /** A task has come into its state. */
  add(task: TaskRecord): void {
    task.bytes = bytesOf(task);
    this.#count(task, task.bytes);
  }

  /** A task is about to leave its state. */
  remove(task: TaskRecord): void {
    this.#count(task, -task.bytes);
  }

  /** That many idempotency keys more are kept, or fewer. */
  keys(by: number): void {
    this.#liveBytes += by * KEY_BYTES;
  }

  /** What is taken up, where tasks of so many bytes in all find no room any more. */
  shortOf(bytes: number): MemoryUse | undefined {
    const { liveBytes } = this.limits;
    if (this.#liveBytes + bytes <= liveBytes) return undefined;
    return { usedBytes: this.#liveBytes, limitBytes: liveBytes };
  }

  /** Whether ended tasks take more than they may. */
  get hasTooManyEnded(): boolean {
    return this.#endedBytes > this.limits.endedBytes;
  }

  #count(task: TaskRecord, bytes: number): void {
    if (hasEnded(task.state)) this.#endedBytes += bytes;
    else this.#liveBytes += bytes;
  }
}

/** What a new task is going to take. */
export function bytesOfNew({ args, idempotency }: NewTask): number {
  return TASK_BYTES + args.length + (idempotency === undefined ? 0 : KEY_BYTES);
}

function bytesOf({ args, result = "", failures }: TaskRecord): number {
  let bytes = TASK_BYTES + args.length + result.length;
  for (const { message, stack = "" } of failures) bytes += FAILURE_BYTES + message.length + stack.length;
  return bytes;
}
