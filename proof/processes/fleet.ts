import { sleep, systemClock } from "../../src/core/clock.ts";
import type { Durability } from "../../src/core/options/types.ts";
import type { Chance } from "../simulation/chance.ts";
import type { Guard } from "./guard.ts";
import type { HistoryFile } from "./history-file.ts";
import { INLINE_TOPICS, LEASE_MS, POOLED_TOPICS, QUEUES, type Topic } from "./queues.ts";
import { within } from "./within.ts";
import { WorkerProcess } from "./worker-process.ts";
import type { WorkerForm } from "./worker-settings.ts";

export interface FleetParts {
  readonly chance: Chance;
  readonly history: HistoryFile;
  readonly historyFile: string;
  readonly database: string;
  readonly durability: Durability;
  /** Undefined: ended tasks are kept. */
  readonly retentionMs: number | undefined;
  /** A folder for compiled code, so that workers start faster. */
  readonly cache: string;
  readonly guard: Guard;
  readonly onStarted: (worker: WorkerProcess) => void;
}

/** How many workers there are, besides those that are stalled. */
const SIZE = 3;
const READY_LIMIT_MS = 60_000;
const POLL_MS = 2;
/** Before another try, where the system could not start a process. */
const START_PAUSE_MS = 100;

/** The workers of one database: as soon as one is gone, or about to go, another is started. */
export class Fleet {
  readonly #parts: FleetParts;
  readonly #workers = new Set<WorkerProcess>();
  readonly #kept = new Set<WorkerProcess>();
  #started = 0;
  #isClosed = false;
  #isSilent = false;

  constructor(parts: FleetParts) {
    this.#parts = parts;
    this.fill();
  }

  /** How many were ever started. */
  get started(): number {
    return this.#started;
  }

  /** Starts as many as are missing, or more: one that was stalled may come back, and be of another kind than is needed. */
  fill(): void {
    while (!this.#isClosed && (this.#staying().length < SIZE || this.#lacksAKind())) this.start();
  }

  /** Starts one, whether it is missing or not. */
  start(): WorkerProcess {
    const { historyFile, database, durability, retentionMs } = this.#parts;
    this.#started += 1;
    const number = this.#started;
    const form = this.#nextForm();
    const kept = retentionMs === undefined ? {} : { retention: { finished: retentionMs, aborted: retentionMs } };
    const options = { queues: pick(this.#nextTopics()), lease: LEASE_MS, durability, ...kept };
    const seed = this.#parts.chance.whole(0, 1e9);
    const place = { worker: `worker ${number}`, number, history: historyFile };
    const worker = new WorkerProcess({ form, database, options, place, seed }, this.#parts);
    this.#workers.add(worker);
    this.#parts.onStarted(worker);
    void worker.ready.then((isReady) => isReady && !this.#isSilent && worker.beBusy());
    void this.#replace(worker);
    return worker;
  }

  /**
   * The one of that form that has been ready for longest, and is not kept. Waits for one where there is none; rejects
   * after a minute, since then workers cannot be started at all, and when no more are started.
   */
  async oldest(form?: WorkerForm): Promise<WorkerProcess> {
    const until = systemClock.monotonic() + READY_LIMIT_MS;
    while (!this.#isClosed && systemClock.monotonic() < until) {
      for (const worker of this.#workers) {
        const isMeant = form === undefined || worker.settings.form === form;
        if (worker.isUp && isMeant && !this.#kept.has(worker)) return worker;
      }
      await sleep(systemClock, POLL_MS);
    }
    const all = [...this.#workers].map((worker) => `${worker.name} (${worker.pid}) ${this.#stateOf(worker)}`);
    throw new Error(`No worker was ready within ${READY_LIMIT_MS} ms: ${all.join(", ")}.`);
  }

  /** Keeps one alive, as far as its tasks let it live: who is to find another one dead has to watch it for a whole lease. */
  async keepOne(): Promise<WorkerProcess> {
    const worker = await this.oldest();
    this.#kept.add(worker);
    return worker;
  }

  letGo(worker: WorkerProcess): void {
    this.#kept.delete(worker);
  }

  /** Tells all to call nobody any more; resolves when the last call was answered. Those that are to come call nobody. */
  async silence(): Promise<void> {
    this.#isSilent = true;
    await Promise.all([...this.#workers].map((worker) => worker.beQuiet()));
  }

  /** Starts no more, and tells all to stop. Resolves with the names of those that did not. */
  async stop(limitMs: number): Promise<string[]> {
    this.#isClosed = true;
    const failed: string[] = [];
    await Promise.all(
      [...this.#workers].map(async (worker) => {
        // One that is still starting has no ear for it yet.
        if (!(await worker.ready)) return;
        worker.terminate();
        const end = await within(worker.ended, limitMs);
        if (end === undefined) failed.push(worker.name);
      }),
    );
    await this.kill();
    return failed;
  }

  async kill(): Promise<void> {
    this.#isClosed = true;
    for (const worker of this.#workers) worker.kill();
    await Promise.all([...this.#workers].map(({ ended }) => ended));
  }

  async #replace(worker: WorkerProcess): Promise<void> {
    await worker.ended;
    this.#workers.delete(worker);
    this.#kept.delete(worker);
    if (!worker.isStarted) await sleep(systemClock, START_PAUSE_MS);
    this.fill();
  }

  #stateOf(worker: WorkerProcess): string {
    if (!worker.isStaying) return "is going";
    if (!worker.isUp) return "is starting";
    return this.#kept.has(worker) ? `is kept, ${worker.settings.form}` : `is up, ${worker.settings.form}`;
  }

  #staying(): WorkerProcess[] {
    return [...this.#workers].filter(({ isStaying }) => isStaying);
  }

  #lacksAKind(): boolean {
    return !this.#hasInPlace() || POOLED_TOPICS.some((topic) => !this.#isServed(topic));
  }

  /** There is always one that can be told to kill itself. */
  #nextForm(): WorkerForm {
    return this.#hasInPlace() && this.#parts.chance.happens(0.4) ? "whole" : "inPlace";
  }

  /** There is always one for each topic. */
  #nextTopics(): readonly Topic[] {
    const pooled = POOLED_TOPICS.filter((topic) => !this.#isServed(topic) || this.#parts.chance.happens(0.2));
    return [...INLINE_TOPICS, ...pooled];
  }

  #hasInPlace(): boolean {
    return this.#staying().some(({ settings }) => settings.form === "inPlace");
  }

  #isServed(topic: Topic): boolean {
    return this.#staying().some(({ settings }) => topic in (settings.options.queues ?? {}));
  }
}

function pick(topics: readonly Topic[]): Partial<typeof QUEUES> {
  return Object.fromEntries(topics.map((topic) => [topic, QUEUES[topic]]));
}
