import { KNOWN_FOR_MS, LONGEST_SERVED_MS } from "../../src/storage/known-for.ts";
import type { RegisterTopicOperation, RenewOffersOperation } from "../../src/storage/port.ts";

interface Offer {
  readonly worker: string;
  readonly topic: string;
  readonly name: string;
}

/** What workers have registered, and what those that have a row offer. */
export class ModelRegistry {
  readonly topics = new Set<string>();
  #offers: Offer[] = [];
  /** For how long no worker has offered a function while workers of its topic ran. */
  #missed: { readonly topic: string; readonly name: string; ms: number }[] = [];
  readonly #servedUntil = new Map<string, number>();

  apply(
    operation: RegisterTopicOperation | RenewOffersOperation,
    by: { readonly hasRow: boolean; readonly now: number },
  ): undefined {
    if (operation.kind === "registerTopic") this.#register(operation, by);
    else this.#renew(operation.worker, by.now);
    this.#forget();
  }

  #register({ worker, registration, functions }: RegisterTopicOperation, by: { hasRow: boolean; now: number }): void {
    const { topic } = registration;
    this.topics.add(topic);
    if (functions.size > 0) this.#served(topic, by.now);
    for (const name of functions.keys()) {
      this.#offered(topic, name);
      if (
        by.hasRow &&
        !this.#offers.some((offer) => offer.worker === worker && offer.name === name && offer.topic === topic)
      )
        this.#offers.push({ worker, topic, name });
    }
  }

  #renew(worker: string, now: number): void {
    const offers = this.#offers.filter((offer) => offer.worker === worker);
    for (const topic of new Set(offers.map((offer) => offer.topic))) this.#served(topic, now);
    for (const { topic, name } of offers) if (this.functionsOf(topic).includes(name)) this.#offered(topic, name);
  }

  removed(worker: string): void {
    this.#offers = this.#offers.filter((offer) => offer.worker !== worker);
  }

  isOffered(topic: string, name?: string): boolean {
    return this.#offers.some((offer) => offer.topic === topic && (name === undefined || offer.name === name));
  }

  functionsOf(topic: string): string[] {
    return this.#missed.filter((known) => known.topic === topic).map(({ name }) => name);
  }

  #served(topic: string, now: number): void {
    const passedMs = now - (this.#servedUntil.get(topic) ?? now);
    this.#servedUntil.set(topic, now);
    if (passedMs > LONGEST_SERVED_MS) return;
    for (const known of this.#missed) if (known.topic === topic) known.ms += passedMs;
  }

  #offered(topic: string, name: string): void {
    this.#missed = [
      ...this.#missed.filter((known) => known.topic !== topic || known.name !== name),
      { topic, name, ms: 0 },
    ];
  }

  #forget(): void {
    this.#missed = this.#missed.filter(({ ms }) => ms < KNOWN_FOR_MS);
  }
}
