import type { FunctionPolicy } from "../../core/policy.ts";
import type { RegisteredTopic, RegisterTopicOperation, Registry } from "../port.ts";

/** What workers have registered: topics, their limits and their functions. */
export class Registrations {
  #version = 0;
  readonly #topics = new Map<string, RegisteredTopic>();

  register({ registration, functions }: RegisterTopicOperation): undefined {
    const known: Iterable<[string, FunctionPolicy]> = this.#topics.get(registration.topic)?.functions ?? [];
    this.#topics.set(registration.topic, { ...registration, functions: new Map([...known, ...functions]) });
    this.#version += 1;
  }

  read(knownVersion: number | undefined): Registry | undefined {
    return knownVersion === this.#version ? undefined : { version: this.#version, topics: new Map(this.#topics) };
  }

  topics(): string[] {
    return [...this.#topics.keys()];
  }
}
