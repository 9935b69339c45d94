import type { TaskOptions } from "../../src/core/options/types.ts";
import type { EnqueuedTask } from "../history/events.ts";
import type { Behaviour } from "./behaviour.ts";
import type { Chance } from "./chance.ts";

/** Everything that an enqueue asks for, so that the very same can be sent again. */
export interface Enqueue {
  readonly topic: string;
  readonly function: string;
  readonly args: readonly [Behaviour];
  readonly options: TaskOptions & { readonly priority: number };
}

/** A call that enqueues one task, or several of one topic. */
export type EnqueueCall =
  | { readonly method: "enqueue"; readonly enqueues: readonly [Enqueue] }
  | { readonly method: "enqueueMany"; readonly topic: string; readonly enqueues: readonly Enqueue[] };

/** How many of the latest enqueues with a key are the likeliest to be sent again. */
const RECENT = 6;

/** The enqueues that were sent with an idempotency key, and which of them to send again. */
export class KeyedEnqueues {
  readonly #chance: Chance;
  /** The first one of each key. */
  readonly #sent: Enqueue[] = [];
  /** Calls whose answers were lost. */
  readonly #inDoubt: EnqueueCall[] = [];

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Nobody knows whether it was done. */
  doubt(call: EnqueueCall): void {
    if (call.enqueues.some(({ options }) => options.idempotencyKey !== undefined)) this.#inDoubt.push(call);
  }

  /** A call whose answer was lost, as whoever made it would send it again; by chance none yet. */
  again(): EnqueueCall | undefined {
    return this.#inDoubt.length > 0 && this.#chance.happens(0.3) ? this.#inDoubt.shift() : undefined;
  }

  /** What is sent in place of an enqueue that is new: it, with a key or without, or one that was sent before. */
  instead(fresh: Enqueue): Enqueue {
    if (this.#chance.happens(0.25)) return this.#withNewKey(fresh);
    if (!this.#chance.happens(0.15)) return fresh;
    if (this.#chance.happens(0.2)) return this.#otherContent(this.#known(this.#sent), fresh) ?? fresh;
    return this.#known(this.#sent.filter(({ topic }) => topic === fresh.topic)) ?? fresh;
  }

  #withNewKey(fresh: Enqueue): Enqueue {
    const idempotencyKey = `key-${this.#sent.length + 1}`;
    const keyed = { ...fresh, options: { ...fresh.options, idempotencyKey } };
    this.#sent.push(keyed);
    return keyed;
  }

  /** Mostly one that may be under way still. */
  #known(sent: readonly Enqueue[]): Enqueue | undefined {
    if (sent.length === 0) return undefined;
    return this.#chance.pick(this.#chance.happens(0.7) ? sent.slice(-RECENT) : sent);
  }

  /** A key that is known, with content that differs from its own, mostly in one respect alone. */
  #otherContent(known: Enqueue | undefined, fresh: Enqueue): Enqueue | undefined {
    if (known === undefined) return undefined;
    const other = { ...known, topic: fresh.topic };
    return this.#chance.pick([
      { ...other, function: fresh.function },
      { ...other, args: fresh.args },
      { ...other, options: { ...known.options, priority: fresh.options.priority } },
      { ...other, options: { ...known.options, maxRestarts: (known.options.maxRestarts ?? 0) + 1 } },
    ]);
  }
}

/** As it is told of in a history. */
export function toEnqueuedTask({ topic, function: name, args, options }: Enqueue): EnqueuedTask {
  const { idempotencyKey: key, priority, maxRestarts } = options;
  const task = { topic, function: name, priority };
  if (key === undefined) return task;
  return { ...task, keyed: { key, content: JSON.stringify([topic, name, args, priority, maxRestarts]) } };
}
