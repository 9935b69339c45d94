import { assertNever } from "../../src/core/errors.ts";
import type { TaskStatus } from "../../src/core/task.ts";
import { enqueuedBy } from "./enqueued-by.ts";
import type { Answer, ClientRequest, EnqueuedTask, Invocation } from "./events.ts";
import type { Accuse } from "./rules.ts";

/** What the answer to a call says of one task. */
export interface Told {
  readonly id: string;
  readonly what: "aborted" | "ended" | "discarded";
}

interface Open {
  readonly request: ClientRequest;
  /** Every status that the task had while the call was under way; undefined: there was none. */
  readonly seen: Set<TaskStatus | undefined>;
}

/** What clients were told, held against what was true at some moment while they waited. */
export class Answers {
  /** The tasks whose enqueue was answered. */
  readonly acknowledged: Set<string> = new Set();
  readonly #accuse: Accuse;
  readonly #open = new Map<number, Open>();
  readonly #asking = new Map<string, Set<Open>>();
  readonly #statuses = new Map<string, TaskStatus>();
  readonly #everStored = new Set<string>();
  /** By id: the idempotency key that it was answered for. */
  readonly #keys = new Map<string, string>();
  /** By id: what its commit has stored, if anything. */
  readonly #results = new Map<string, string | undefined>();
  /** Whether the history holds commits; else only the clients' own words can be compared. */
  #isWitnessed = false;
  #unknownEnqueues = 0;

  constructor(accuse: Accuse) {
    this.#accuse = accuse;
  }

  /** How many tasks without an idempotency key may be there that nobody got the id of. */
  get unknownEnqueues(): number {
    const unanswered = [...this.#open.values()].map(({ request }) => unkeyedOf(request));
    return unanswered.reduce((sum, count) => sum + count, this.#unknownEnqueues);
  }

  /** The tasks that somebody was discarding when its process died: they may be gone, or not. */
  get unansweredDiscards(): string[] {
    return [...this.#open.values()].flatMap(({ request }) => (request.method === "discard" ? [request.id] : []));
  }

  /** The storage has committed something. */
  witnessed(): void {
    this.#isWitnessed = true;
  }

  /** A task's status is another now; undefined: it was removed. */
  changed(id: string, status: TaskStatus | undefined): void {
    this.#everStored.add(id);
    if (status === undefined) this.#statuses.delete(id);
    else this.#statuses.set(id, status);
    for (const { seen } of this.#asking.get(id) ?? []) seen.add(status);
  }

  /** A task has finished, which is for ever, with that result. */
  finished(id: string, result: string | undefined): void {
    this.#results.set(id, result);
  }

  invoked({ call, request }: Invocation): void {
    const open: Open = { request, seen: new Set() };
    this.#open.set(call, open);
    if (!("id" in request)) return;
    open.seen.add(this.#statuses.get(request.id));
    this.#asking.set(request.id, (this.#asking.get(request.id) ?? new Set()).add(open));
  }

  answered(answer: Answer): readonly Told[] {
    const open = this.#open.get(answer.call);
    this.#open.delete(answer.call);
    if (open === undefined) return [];
    const { request, seen } = open;
    if ("id" in request) this.#close(request.id, open);
    if (answer.outcome === "unknown") this.#unknownEnqueues += unkeyedOf(request);
    // Whether it was removed is not known, so that it needs not be there.
    if (answer.outcome === "unknown" && request.method === "discard") return [{ id: request.id, what: "discarded" }];
    return answer.outcome === "ok" ? this.#told(request, answer.value, seen) : [];
  }

  #told(request: ClientRequest, value: unknown, seen: ReadonlySet<TaskStatus | undefined>): readonly Told[] {
    switch (request.method) {
      case "enqueue":
        this.#acknowledged([request.task], [value as string]);
        return [];
      case "enqueueMany":
        this.#acknowledged(request.tasks, value as string[]);
        return [];
      case "abort":
        if (value !== true) {
          const mayRefuse = [...seen].some((status) => status !== "queued" && status !== "running");
          if (!mayRefuse) this.#contradict(request, value, seen);
          return [];
        }
        if (!seen.has("aborted")) this.#contradict(request, value, seen);
        return [{ id: request.id, what: "aborted" }];
      case "status":
        if (!seen.has(value as TaskStatus | undefined)) this.#contradict(request, value, seen);
        return value === "finished" || value === "aborted" ? [{ id: request.id, what: "ended" }] : [];
      case "requeue":
        if (value === true ? !wasRequeued(seen) : mustBeInDeadLetters(seen)) this.#contradict(request, value, seen);
        return [];
      case "discard":
        if (value === true ? !seen.has(undefined) : mustBeInDeadLetters(seen)) this.#contradict(request, value, seen);
        return value === true ? [{ id: request.id, what: "discarded" }] : [];
      case "result":
        if (!seen.has("finished")) this.#contradict(request, value, seen);
        else this.#requireResult(request.id, value);
        return [{ id: request.id, what: "ended" }];
      default:
        return assertNever(request);
    }
  }

  #acknowledged(tasks: readonly EnqueuedTask[], ids: readonly string[]): void {
    for (const [index, id] of ids.entries()) {
      const key = tasks[index]?.keyed?.key;
      const isRepeat = key !== undefined && this.#keys.get(id) === key;
      if (this.acknowledged.has(id) && !isRepeat) this.#accuse("unexpected", `${id} was given to two tasks`);
      this.acknowledged.add(id);
      if (key !== undefined) this.#keys.set(id, key);
      if (this.#isWitnessed && !this.#everStored.has(id))
        this.#accuse("lost", `${id} was acknowledged before it was stored`);
    }
  }

  /** An answer is compared as text, in which nobody has changed the order of keys. */
  #requireResult(id: string, value: unknown): void {
    const stored = this.#results.get(id);
    const answered = value === undefined ? undefined : JSON.stringify(value);
    if (!this.#isWitnessed || answered === stored) return;
    this.#accuse("answers", `the result of ${id} was answered as ${String(answered)}, and is ${String(stored)}`);
  }

  #contradict(
    request: ClientRequest & { id: string },
    value: unknown,
    seen: ReadonlySet<TaskStatus | undefined>,
  ): void {
    if (!this.#isWitnessed) return;
    const statuses = [...seen].map((status) => status ?? "absent").join(", ");
    this.#accuse(
      "answers",
      `${request.method} of ${request.id} was answered with ${String(value)}, and it was ${statuses}`,
    );
  }

  #close(id: string, open: Open): void {
    const asking = this.#asking.get(id);
    asking?.delete(open);
    if (asking?.size === 0) this.#asking.delete(id);
  }
}

/** From the dead-letter queue to its line, while the call was under way. */
function wasRequeued(seen: ReadonlySet<TaskStatus | undefined>): boolean {
  return seen.has("in_dead_letter_queue") && seen.has("queued");
}

/** Whether it was there all the time, so that nobody may be told otherwise. */
function mustBeInDeadLetters(seen: ReadonlySet<TaskStatus | undefined>): boolean {
  return seen.size === 1 && seen.has("in_dead_letter_queue");
}

/** How many of its tasks have no key, so that each is one of its own. */
function unkeyedOf(request: ClientRequest): number {
  return enqueuedBy(request).filter(({ keyed }) => keyed === undefined).length;
}
