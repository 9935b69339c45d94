import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../../src/core/random.ts";
import type { Stage3Queue } from "../../src/index.ts";
import type { Outcome } from "./fixtures/history-tasks.ts";
import type { EndRecord } from "./history.ts";

/** How many tasks of a topic may be on their way at once, so that its queue neither runs dry nor grows without end. */
const MOST_OPEN = { a: 30, b: 90 };
const MOST_AT_ONCE = 20;
const LONGEST_WORK_MS = 20;
/** How many open tasks are asked after each time. */
const ASKED_AFTER = 40;

const LIVE: ReadonlySet<string | undefined> = new Set(["queued", "running"]);

/** Enqueues all the time, and notes in the history which tasks are known to have ended. */
export class Load {
  /** What was acknowledged, with how its attempts were told to end. */
  readonly outcomes: Map<string, readonly Outcome[]> = new Map();
  readonly #stage3: Stage3Queue;
  readonly #random: Random;
  readonly #history: string;
  /** The tasks that are not known to have ended, with their topic. */
  readonly #open = new Map<string, keyof typeof MOST_OPEN>();
  readonly #running: Promise<void>;
  #stopped = false;

  constructor(parts: { stage3: Stage3Queue; random: Random; history: string }) {
    this.#stage3 = parts.stage3;
    this.#random = parts.random;
    this.#history = parts.history;
    this.#running = this.#run();
    // An error is met by whoever stops it.
    this.#running.catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** How many tasks are not known to have ended. */
  async open(): Promise<number> {
    await Promise.all([...this.#open.keys()].map((id) => this.#look(id)));
    return this.#open.size;
  }

  /** What the database says of every acknowledged task. */
  async ends(): Promise<Map<string, EndRecord>> {
    const ends = new Map<string, EndRecord>();
    for (const id of this.outcomes.keys()) {
      const task = await this.#stage3.broker.get(id);
      if (task !== undefined) ends.set(id, { status: task.status, attempt: task.attempt });
    }
    return ends;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const topics = [...this.#open.values()];
      const isFull = { a: count(topics, "a") >= MOST_OPEN.a, b: count(topics, "b") >= MOST_OPEN.b };
      const chosen = Array.from({ length: 1 + this.#below(MOST_AT_ONCE) }, () => (this.#below(5) < 2 ? "a" : "b"));
      await Promise.all(chosen.filter((topic) => !isFull[topic]).map((topic) => this.#enqueue(topic)));
      await Promise.all([...this.#open.keys()].slice(0, ASKED_AFTER).map((id) => this.#look(id)));
      await delay(1 + this.#below(4));
    }
  }

  async #enqueue(topic: keyof typeof MOST_OPEN): Promise<void> {
    const outcomes = Array.from({ length: 4 }, () => this.#outcome(topic));
    const args = [this.#history, 1 + this.#below(LONGEST_WORK_MS), outcomes];
    const priority = 1 + this.#below(10);
    const id = await this.#stage3.broker.enqueue(topic, "work", args, { priority });
    this.outcomes.set(id, outcomes);
    this.#open.set(id, topic);
  }

  async #look(id: string): Promise<void> {
    // Whatever is lost is found out at the end; here it only must not be waited for.
    const status = await this.#stage3.broker.status(id);
    if (LIVE.has(status)) return;
    this.#open.delete(id);
    appendFileSync(this.#history, `${JSON.stringify({ kind: "settled", id })}\n`);
  }

  #outcome(topic: string): Outcome {
    const fraction = this.#random.fraction();
    if (topic === "a" && fraction < 0.05) return "exit";
    return fraction < 0.2 ? "throw" : "return";
  }

  #below(limit: number): number {
    return Math.floor(this.#random.fraction() * limit);
  }
}

function count<Item>(items: readonly Item[], wanted: Item): number {
  return items.filter((item) => item === wanted).length;
}
