import type { EnqueueRequest } from "../api.ts";
import type { Call } from "./remote-calls.ts";

/** How much of what is enqueued may be on its way to the Engine's thread at once: some turns' worth. */
const MOST_TASKS = 4_000;
const MOST_BYTES = 8 * 1024 * 1024;

interface Size {
  readonly tasks: number;
  readonly bytes: number;
}

interface Waiting {
  readonly number: number;
  readonly ids: readonly string[];
  readonly size: Size;
  /** When it was called, on the monotonic clock. */
  readonly since: number;
}

/**
 * Keeps a flood of enqueues with their caller: so many are on their way to the Engine's thread at once, and the others
 * wait here, in their order. Any other call passes them, unless it names a task whose enqueue waits.
 */
export class EnqueueGate {
  #waiting: Waiting[] = [];
  /** Where the line begins: those before it have left. */
  #head = 0;
  /** The tasks whose enqueues wait. */
  readonly #ids = new Set<string>();
  readonly #onTheirWay = new Map<number, Size>();
  #tasks = 0;
  #bytes = 0;

  /** Whether the call may be sent now; else it waits for its place. */
  admits(number: number, call: Call, now: number): boolean {
    const requests = requestsOf(call);
    if (requests === undefined && !this.#isOfWaitingTask(call)) return true;
    const size = sizeOf(requests ?? []);
    if (this.#first() === undefined && this.#fits(size)) {
      this.#leaves(number, size);
      return true;
    }
    const ids = (requests ?? []).map(({ id }) => id);
    for (const id of ids) this.#ids.add(id);
    this.#waiting.push({ number, ids, size, since: now });
    return false;
  }

  /** A call was answered, and has made room. The numbers of those that may be sent now. */
  answered(number: number): number[] {
    const size = this.#onTheirWay.get(number);
    if (size === undefined) return [];
    this.#onTheirWay.delete(number);
    this.#tasks -= size.tasks;
    this.#bytes -= size.bytes;
    return this.#take((next) => {
      if (!this.#fits(next.size)) return false;
      this.#leaves(next.number, next.size);
      return true;
    });
  }

  /** Takes out those that were called at that moment or before. */
  takeSince(since: number): number[] {
    return this.#take((next) => next.since <= since);
  }

  /** Takes from the front for as long as `mayGo` says so. */
  #take(mayGo: (next: Waiting) => boolean): number[] {
    const taken: number[] = [];
    for (let next = this.#first(); next !== undefined && mayGo(next); next = this.#first()) {
      this.#head += 1;
      for (const id of next.ids) this.#ids.delete(id);
      taken.push(next.number);
    }
    if (this.#head > this.#waiting.length / 2) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  #first(): Waiting | undefined {
    return this.#waiting[this.#head];
  }

  /** What is larger than all that fits goes alone. */
  #fits({ tasks, bytes }: Size): boolean {
    if (this.#onTheirWay.size === 0) return true;
    return this.#tasks + tasks <= MOST_TASKS && this.#bytes + bytes <= MOST_BYTES;
  }

  #leaves(number: number, size: Size): void {
    this.#onTheirWay.set(number, size);
    this.#tasks += size.tasks;
    this.#bytes += size.bytes;
  }

  #isOfWaitingTask({ args: [id] }: Call): boolean {
    return typeof id === "string" && this.#ids.has(id);
  }
}

/** What a call enqueues; undefined: it enqueues nothing. */
function requestsOf(call: Call): readonly EnqueueRequest[] | undefined {
  if (call.method === "enqueue") return call.args;
  return call.method === "enqueueMany" ? call.args[0] : undefined;
}

function sizeOf(requests: readonly EnqueueRequest[]): Size {
  return { tasks: requests.length, bytes: requests.reduce((bytes, { args }) => bytes + Buffer.byteLength(args), 0) };
}
