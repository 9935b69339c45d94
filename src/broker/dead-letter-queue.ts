import { toTaskId } from "../core/ids.ts";
import { Stage3Error } from "../core/errors.ts";
import { readOptions } from "../core/options/levels.ts";
import { readName, readText } from "../core/options/readers.ts";
import type { Task } from "../core/task.ts";
import type { EngineCalls } from "../engine/api.ts";
import { toTask } from "./to-task.ts";

/** Which page of the dead-letter queue. */
export interface DeadLetterListOptions {
  /** Only tasks of this topic. */
  readonly topic?: string;
  /** How many at most; 100 where none is given, 1,000 at most. */
  readonly limit?: number;
  /** The last id of the page before. */
  readonly after?: string;
}

const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 1_000;

/** The tasks that used up their restarts, each kept with its failures. */
export class DeadLetterQueue {
  readonly #engine: EngineCalls;
  readonly #refuseIfStopping: () => void;

  /** @param refuseIfStopping throws where no call is taken any more. */
  constructor(engine: EngineCalls, refuseIfStopping: () => void) {
    this.#engine = engine;
    this.#refuseIfStopping = refuseIfStopping;
  }

  /** The tasks in it, newest first. Large ones are read a few at a time, so that nothing else waits for the page. */
  async list(options: DeadLetterListOptions = {}): Promise<Task[]> {
    this.#refuseIfStopping();
    const given = readOptions(options, "deadLetters", "");
    const topic = given.read("topic", readName);
    const after = given.read("after", readText);
    const limit = given.read("limit", readLimit) ?? DEFAULT_LIMIT;
    const page: Task[] = [];
    for (let last = after === undefined ? undefined : (toTaskId(after) ?? after); ; last = page.at(-1)?.id ?? last) {
      const wanted = limit - page.length;
      const letters = await this.#engine.deadLetters({
        limit: wanted,
        ...(topic === undefined ? {} : { topic }),
        ...(last === undefined ? {} : { after: last }),
      });
      for await (const task of this.#tasks(letters.map(({ id }) => id))) page.push(task);
      // Some may have been requeued or discarded meanwhile; a page that is not full has to mean the end of the list.
      if (letters.length < wanted || page.length === limit) return page;
    }
  }

  /** Queues a task again, its restarts counted from 0 and its failures kept. False: it is not in this queue. */
  async requeue(id: string): Promise<boolean> {
    this.#refuseIfStopping();
    const taskId = toTaskId(id);
    return taskId === undefined ? false : this.#engine.requeue(taskId);
  }

  /** Those of the tasks that still are in the queue. */
  async *#tasks(ids: readonly string[]): AsyncGenerator<Task> {
    for (let left = ids; left.length > 0;) {
      const records = await this.#engine.getFirst(left);
      for (const record of records) if (record?.state === "in_dead_letter_queue") yield toTask(record);
      left = left.slice(Math.max(records.length, 1));
    }
  }

  /** Removes a task for good. False: it is not in this queue. */
  async discard(id: string): Promise<boolean> {
    this.#refuseIfStopping();
    const taskId = toTaskId(id);
    return taskId === undefined ? false : this.#engine.discard(taskId);
  }
}

function readLimit(value: unknown, option: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= LARGEST_LIMIT) return value;
  throw new Stage3Error("INVALID_OPTION", `${option} must be a whole number from 1 to ${LARGEST_LIMIT}.`);
}
