import { Stage3Error } from "../core/errors.ts";
import type { DeadLetter, DeadLetterQuery, TopicCounts } from "../storage/port.ts";
import type { EngineApi, EnqueueRequest, TaskRecord } from "./api.ts";
import { mergedDeadLetters } from "./merged-dead-letters.ts";
import { mergeCounts } from "./topic-counts.ts";

/** An Engine with the queues that it alone has. */
export interface Route {
  readonly engine: EngineApi;
  readonly topics: ReadonlySet<string>;
  /** Whether nobody else can ever run what is enqueued here. */
  readonly isPrivate: boolean;
}

/**
 * Several Engines that answer as one: each has queues and a storage of its own, and none waits for the storage of
 * another. A task stays where its topic is, so a call about a task goes to whichever Engine has it.
 */
export class EngineRouter implements EngineApi {
  /** The Engine of all other topics. */
  readonly #main: EngineApi;
  readonly #routes: readonly Route[];
  /** In the order in which their dead letters of the same millisecond are listed. */
  readonly #engines: readonly EngineApi[];
  /** Or about to be. */
  #started = false;

  constructor(main: EngineApi, routes: readonly Route[]) {
    this.#main = main;
    this.#routes = routes;
    this.#engines = [main, ...routes.map(({ engine }) => engine)];
  }

  async start(): Promise<void> {
    this.#started = true;
    try {
      // The main one comes last: where the start fails, none of its tasks may be run.
      for (const engine of this.#engines.toReversed()) await engine.start();
    } catch (error) {
      this.#started = false;
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.stop()));
  }

  async isReady(): Promise<boolean> {
    const ready = await Promise.all(this.#engines.map((engine) => engine.isReady()));
    return ready.every(Boolean);
  }

  async enqueue(request: EnqueueRequest): Promise<string> {
    return this.#forEnqueue(request.topic).enqueue(request);
  }

  async enqueueMany(requests: readonly EnqueueRequest[]): Promise<readonly string[]> {
    const [first] = requests;
    return first === undefined ? [] : this.#forEnqueue(first.topic).enqueueMany(requests);
  }

  async abort(id: string, isSentAgain?: boolean): Promise<boolean> {
    return (await this.#ofTask(id)).abort(id, isSentAgain);
  }

  async get(id: string): Promise<TaskRecord | undefined> {
    return (await this.#ofTask(id)).get(id);
  }

  async status(id: string): Promise<TaskRecord["state"] | undefined> {
    return (await this.#ofTask(id)).status(id);
  }

  async waitForEnd(id: string, signal: AbortSignal): Promise<TaskRecord | undefined> {
    return (await this.#ofTask(id)).waitForEnd(id, signal);
  }

  deadLetters(query: DeadLetterQuery): Promise<readonly DeadLetter[]> {
    if (query.topic === undefined) return mergedDeadLetters(this.#engines, query);
    return (this.#routeOf(query.topic)?.engine ?? this.#main).deadLetters(query);
  }

  /** A piece ends where the next task is another Engine's. */
  async getFirst(ids: readonly string[]): Promise<readonly (TaskRecord | undefined)[]> {
    const [first] = ids;
    if (first === undefined) return [];
    const engine = await this.#ofTask(first);
    let count = 1;
    for (; count < ids.length; count += 1) if ((await this.#ofTask(ids[count] ?? "")) !== engine) break;
    return engine.getFirst(ids.slice(0, count));
  }

  async requeue(id: string): Promise<boolean> {
    return (await this.#ofTask(id)).requeue(id);
  }

  async discard(id: string): Promise<boolean> {
    return (await this.#ofTask(id)).discard(id);
  }

  async topics(): Promise<TopicCounts[]> {
    return mergeCounts(await Promise.all(this.#engines.map((engine) => engine.topics())));
  }

  #routeOf(topic: string): Route | undefined {
    return this.#routes.find(({ topics }) => topics.has(topic));
  }

  /** Where tasks of a topic are enqueued. */
  #forEnqueue(topic: string): EngineApi {
    const route = this.#routeOf(topic);
    if (route?.isPrivate === true && !this.#started) {
      throw new Stage3Error(
        "INVALID_OPTION",
        `Queue "${topic}" is not persistent: only the process that takes its tasks can run them, and this one is not ` +
          "started. Call start() first, or enqueue in a process that works, in its code or over its REST API.",
      );
    }
    return route?.engine ?? this.#main;
  }

  /** The main Engine also answers for tasks that nobody has. */
  async #ofTask(id: string): Promise<EngineApi> {
    for (const { engine } of this.#routes) if ((await engine.status(id)) !== undefined) return engine;
    return this.#main;
  }
}
