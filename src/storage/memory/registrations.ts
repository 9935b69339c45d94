import type { FunctionPolicy } from "../../core/options/settings.ts";
import { KNOWN_FOR_MS, LONGEST_SERVED_MS } from "../known-for.ts";
import type { RegisterTopicOperation, Registry, TopicRegistration } from "../port.ts";

interface Topic {
  registration: TopicRegistration;
  readonly functions: Map<string, RegisteredFunction>;
  /** For how long workers of it have run, all in all, and until which moment that is counted. */
  servedMs: number;
  servedUntil: number;
}

interface RegisteredFunction {
  readonly policy: FunctionPolicy;
  /** The topic's `servedMs` when a worker last offered it. */
  readonly offeredMs: number;
}

/** What workers have registered: topics, their limits and their functions. */
export class Registrations {
  #version = 0;
  readonly #topics = new Map<string, Topic>();

  register({ registration, functions }: RegisterTopicOperation, now: number): void {
    const { topic } = registration;
    const known = this.#topics.get(topic) ?? { registration, functions: new Map(), servedMs: 0, servedUntil: now };
    known.registration = registration;
    this.#topics.set(topic, known);
    this.#version += 1;
    if (functions.size > 0) serve(known, now);
    for (const [name, policy] of functions) known.functions.set(name, { policy, offeredMs: known.servedMs });
    this.#forget(known);
  }

  /** A worker that runs still offers functions of a topic. */
  renew(topic: string, functions: ReadonlySet<string>, now: number): void {
    const known = this.#topics.get(topic);
    if (known === undefined) return;
    serve(known, now);
    for (const [name, { policy }] of known.functions) {
      if (functions.has(name)) known.functions.set(name, { policy, offeredMs: known.servedMs });
    }
    this.#forget(known);
  }

  read(knownVersion: number | undefined): Registry | undefined {
    if (knownVersion === this.#version) return undefined;
    const topics = Array.from(this.#topics, ([topic, { registration, functions }]) => {
      const policies = Array.from(functions, ([name, { policy }]) => [name, policy] as const);
      return [topic, { ...registration, functions: new Map(policies) }] as const;
    });
    return { version: this.#version, topics: new Map(topics) };
  }

  topics(): string[] {
    return [...this.#topics.keys()];
  }

  #forget({ functions, servedMs }: Topic): void {
    for (const [name, { offeredMs }] of functions) {
      if (servedMs - offeredMs < KNOWN_FOR_MS) continue;
      functions.delete(name);
      this.#version += 1;
    }
  }
}

function serve(topic: Topic, now: number): void {
  const passedMs = now - topic.servedUntil;
  if (passedMs >= 0 && passedMs <= LONGEST_SERVED_MS) topic.servedMs += passedMs;
  topic.servedUntil = now;
}
