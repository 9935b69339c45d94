import { sleep, systemClock } from "../../src/core/clock.ts";
import { type ErrorCode, Stage3Error } from "../../src/core/errors.ts";
import type { TaskOptions } from "../../src/core/options/types.ts";
import type { Broker } from "../../src/broker/broker.ts";
import type { ClientRequest, EnqueuedTask } from "../history/events.ts";
import type { Chance } from "../simulation/chance.ts";
import { hangs, HANG_TIMEOUT_MS, randomBehaviour } from "./behaviours.ts";
import type { HistoryFile } from "./history-file.ts";
import { isPooled, type Topic } from "./queues.ts";

export interface LoadParts {
  readonly broker: Broker;
  readonly chance: Chance;
  readonly history: HistoryFile;
  /** Where it is called from, and a number that nobody else has who calls. */
  readonly caller: { readonly name: string; readonly number: number };
  /** How many of its tasks may be on their way at once, so that no queue runs dry and none grows without end. */
  readonly mostOpen: number;
  readonly longestPauseMs: number;
}

const MOST_AT_ONCE = 12;
/** Calls of one caller. */
const MOST_CALLS = 1e9;
/** How many open tasks are asked after each time. */
const ASKED_AFTER = 25;
const TOPICS: readonly Topic[] = ["emails", "emails", "emails", "imports", "imports", "charts", "reports"];

/** Codes that say that nothing was done. After any other it may have been. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(["QUEUE_FULL", "TOPIC_NOT_FOUND", "FUNCTION_NOT_FOUND"]);

type Answered = { outcome: "ok"; value: unknown } | { outcome: "fail" | "unknown"; code: string };

/** Calls a broker all the time, and notes every call and answer. */
export class Load {
  readonly #parts: LoadParts;
  readonly #broker: Broker;
  readonly #chance: Chance;
  /** The tasks that are not known to have ended, with their topic. */
  readonly #open = new Map<string, Topic>();
  readonly #requeued = new Set<string>();
  /** Calls that need not be answered soon. */
  readonly #underWay = new Set<Promise<void>>();
  readonly #running: Promise<void>;
  #calls = 0;
  #isStopped = false;

  constructor(parts: LoadParts) {
    this.#parts = parts;
    this.#broker = parts.broker;
    this.#chance = parts.chance;
    this.#running = this.#run();
    // An error is met by whoever stops it.
    this.#running.catch(() => {});
  }

  /** Calls no more, at once. */
  quit(): void {
    this.#isStopped = true;
  }

  /** Calls no more. Resolves when the last call that makes tasks was answered. */
  async stop(): Promise<void> {
    this.quit();
    await this.#running;
  }

  /** Resolves when it calls no more and waits for no answer, whatever has become of it. */
  async over(): Promise<void> {
    await this.stop().catch(() => undefined);
    await this.answered();
  }

  /** Resolves when every call was answered. */
  async answered(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #run(): Promise<void> {
    const { mostOpen, longestPauseMs } = this.#parts;
    while (!this.#isStopped) {
      if (this.#open.size < mostOpen) await this.#enqueueSome();
      if (this.#chance.happens(0.3)) this.#abortOne();
      await Promise.all([...this.#open.keys()].slice(0, ASKED_AFTER).map((id) => this.#look(id)));
      await sleep(systemClock, this.#chance.between(1, longestPauseMs));
    }
  }

  async #enqueueSome(): Promise<void> {
    const count = this.#chance.whole(1, MOST_AT_ONCE);
    if (this.#chance.happens(0.2)) return this.#enqueueMany(count);
    await Promise.all(Array.from({ length: count }, () => this.#enqueue()));
  }

  async #enqueue(): Promise<void> {
    const topic = this.#nextTopic();
    const [task, args, options] = this.#newTask(topic);
    await this.#send({ method: "enqueue", task }, async () => {
      const id = await this.#broker.enqueue(task.topic, task.function, args, options);
      this.#open.set(id, topic);
      return id;
    });
  }

  async #enqueueMany(count: number): Promise<void> {
    const topic = this.#nextTopic();
    const entries = Array.from({ length: isPooled(topic) ? 2 : count }, () => this.#newTask(topic));
    await this.#send({ method: "enqueueMany", tasks: entries.map(([task]) => task) }, async () => {
      const ids = await this.#broker.enqueueMany(
        topic,
        entries.map(([task, args, options]) => [task.function, args, options] as const),
      );
      for (const id of ids) this.#open.set(id, topic);
      return ids;
    });
  }

  #abortOne(): void {
    if (this.#open.size === 0) return;
    const id = this.#chance.pick([...this.#open.keys()]);
    this.#inBackground({ method: "abort", id }, () => this.#broker.abort(id));
  }

  /** Asks what became of it. What is lost is found out at the end; here it only must not be waited for. */
  async #look(id: string): Promise<void> {
    const status = await this.#broker.status(id).catch(() => "unknown");
    if (status === "queued" || status === "running" || status === "unknown") return;
    const topic = this.#open.get(id);
    this.#open.delete(id);
    if (status === "in_dead_letter_queue") return this.#ofDeadLetter(id, topic ?? "emails");
    this.#noteAnswered(this.#noteInvoked({ method: "status", id }), { outcome: "ok", value: status });
  }

  #ofDeadLetter(id: string, topic: Topic): void {
    if (this.#chance.happens(0.1)) this.#inBackground({ method: "discard", id }, () => this.#broker.dlq.discard(id));
    else if (!this.#requeued.has(id) && this.#chance.happens(0.4)) {
      this.#requeued.add(id);
      this.#open.set(id, topic);
      this.#inBackground({ method: "requeue", id }, () => this.#broker.dlq.requeue(id));
    }
  }

  /** Threads and children are slow to start: what waits for one too long would be waited for at the end. */
  #nextTopic(): Topic {
    const topic = this.#chance.pick(TOPICS);
    if (!isPooled(topic)) return topic;
    const open = [...this.#open.values()].filter((other) => other === topic).length;
    return open < this.#parts.mostOpen / 8 ? topic : "emails";
  }

  #newTask(topic: Topic): [EnqueuedTask, [unknown], TaskOptions] {
    const behaviour = randomBehaviour(topic, this.#chance);
    const priority = this.#chance.pick([1, 4, 10, 10]);
    const options = { priority, ...(hangs(behaviour) ? { timeout: HANG_TIMEOUT_MS } : {}) };
    return [{ topic, function: "work", priority }, [behaviour], options];
  }

  #inBackground(request: ClientRequest, call: () => Promise<unknown>): void {
    const sent = this.#send(request, call);
    this.#underWay.add(sent);
    void sent.then(() => this.#underWay.delete(sent));
  }

  async #send(request: ClientRequest, call: () => Promise<unknown>): Promise<void> {
    const number = this.#noteInvoked(request);
    try {
      this.#noteAnswered(number, { outcome: "ok", value: await call() });
    } catch (error) {
      const code = error instanceof Stage3Error ? error.code : undefined;
      const outcome = code !== undefined && REFUSALS.has(code) ? "fail" : "unknown";
      this.#noteAnswered(number, { outcome, code: code ?? String(error) });
    }
  }

  #noteInvoked(request: ClientRequest): number {
    const { history, caller } = this.#parts;
    this.#calls += 1;
    const call = caller.number * MOST_CALLS + this.#calls;
    history.note({ kind: "invoked", call, worker: caller.name, request });
    return call;
  }

  #noteAnswered(call: number, answer: Answered): void {
    this.#parts.history.note({ kind: "answered", call, ...answer });
  }
}
