import { enqueuedBy } from "./enqueued-by.ts";
import type { Answer, EnqueuedTask, Invocation, KeyedContent } from "./events.ts";
import type { Accuse } from "./rules.ts";

/** What clients know of one key. */
interface AnsweredKey {
  /** By content: how many enqueues with it may have stored a task, because they were not refused. */
  readonly maybeStored: Map<string, number>;
  /** The first answer. */
  taken?: { readonly id: string; readonly content: string };
}

/**
 * What clients were told of idempotency keys: the same content has one id, and other content is refused. A key is kept
 * for 24 hours from its first use, which is longer than any history: a simulated one is over after little more than an
 * hour of virtual time. So it never becomes free again here.
 */
export class KeyAnswers {
  readonly #accuse: Accuse;
  readonly #keys = new Map<string, AnsweredKey>();
  /** The enqueues that are under way. */
  readonly #open = new Map<number, readonly EnqueuedTask[]>();

  constructor(accuse: Accuse) {
    this.#accuse = accuse;
  }

  /** How many tasks may be there whose id nobody got: one for each key that may have been taken and was not answered. */
  get unknownEnqueues(): number {
    return [...this.#keys.values()].filter(({ taken, maybeStored }) => taken === undefined && maybeStored.size > 0)
      .length;
  }

  invoked({ call, request }: Invocation): void {
    const tasks = enqueuedBy(request);
    if (tasks.length === 0) return;
    this.#open.set(call, tasks);
    for (const { key, content } of keysOf(tasks)) {
      const { maybeStored } = this.#of(key);
      maybeStored.set(content, (maybeStored.get(content) ?? 0) + 1);
    }
  }

  answered(answer: Answer): void {
    const tasks = this.#open.get(answer.call);
    this.#open.delete(answer.call);
    if (tasks === undefined || answer.outcome === "unknown") return;
    if (answer.outcome === "ok") return this.#taken(tasks, [answer.value].flat());
    if (answer.code === "IDEMPOTENCY_CONFLICT") this.#requireOtherContent(tasks);
    this.#notStored(tasks);
  }

  #taken(tasks: readonly EnqueuedTask[], ids: readonly unknown[]): void {
    for (const [index, { keyed }] of tasks.entries()) {
      if (keyed === undefined) continue;
      const known = this.#of(keyed.key);
      known.taken ??= { id: String(ids[index]), content: keyed.content };
      const { id, content } = known.taken;
      if (content !== keyed.content) this.#accuse("idempotency", `key ${keyed.key} was taken for two contents`);
      else if (id !== ids[index])
        this.#accuse("idempotency", `key ${keyed.key} was given ${id} and ${String(ids[index])}`);
    }
  }

  /** One of the refused tasks has to have a key that may be another's; it is not said which. */
  #requireOtherContent(tasks: readonly EnqueuedTask[]): void {
    const keys = keysOf(tasks);
    if (keys.some((keyed) => this.#mayBeOthers(keyed))) return;
    const names = keys.map(({ key }) => key).join(", ");
    this.#accuse("idempotency", `a conflict was answered, and no other content was sent with the key (${names})`);
  }

  #mayBeOthers({ key, content }: KeyedContent): boolean {
    const { maybeStored, taken } = this.#of(key);
    if (taken !== undefined) return taken.content !== content;
    return maybeStored.size > (maybeStored.has(content) ? 1 : 0);
  }

  #notStored(tasks: readonly EnqueuedTask[]): void {
    for (const { key, content } of keysOf(tasks)) {
      const { maybeStored } = this.#of(key);
      const left = (maybeStored.get(content) ?? 0) - 1;
      if (left > 0) maybeStored.set(content, left);
      else maybeStored.delete(content);
    }
  }

  #of(key: string): AnsweredKey {
    const known = this.#keys.get(key) ?? { maybeStored: new Map<string, number>() };
    this.#keys.set(key, known);
    return known;
  }
}

function keysOf(tasks: readonly EnqueuedTask[]): KeyedContent[] {
  return tasks.flatMap(({ keyed }) => keyed ?? []);
}
