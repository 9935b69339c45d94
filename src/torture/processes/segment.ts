import { join } from "node:path";
import { Stage3Queue } from "../../broker/stage3queue.ts";
import { sleep, systemClock } from "../../core/clock.ts";
import { statusOf } from "../../core/transitions.ts";
import { countOpenTasks, inspectDatabase } from "../../storage/sqlite/inspection.ts";
import { check, type Verdict } from "../history/check.ts";
import type { HistoryEvent } from "../history/events.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { Chance } from "../simulation/chance.ts";
import { Fleet } from "./fleet.ts";
import { HistoryFile, readNotes } from "./history-file.ts";
import { Load } from "./load.ts";
import { markedGoneAfterMs } from "./marked-processes.ts";
import { LEASE_MS, limitsOf, QUEUES } from "./queues.ts";
import { dealRounds, type RoundKind } from "./round-kinds.ts";
import { Rounds } from "./rounds.ts";
import { toHistory } from "./to-history.ts";
import { within } from "./within.ts";
import type { WorkerForm } from "./worker-settings.ts";

export interface SegmentOptions {
  /** An empty one. */
  readonly folder: string;
  /** Decides what is done in which round, and what is called. */
  readonly seed: number;
  /** Asked before each round. */
  readonly goesOn: () => boolean;
  /** Whether ended tasks are removed soon. */
  readonly prunes: boolean;
  readonly onRound: (kind: RoundKind) => void;
}

export interface SegmentReport {
  readonly verdict: Verdict;
  /** How long each round took, in milliseconds. */
  readonly roundMs: readonly number[];
  readonly missed: number;
  readonly starved: number;
  readonly cutOff: number;
  readonly workers: number;
  readonly longestAfterDeathMs: number;
}

const RETENTION_MS = 300;
/** By then everything has come to an end, although the machine may be busy. */
const END_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
const LEFT_LIMIT_MS = 5_000;
const POLL_MS = 20;

/** Some rounds on one database, from its making to the check of all that has happened. */
export async function runSegment(options: SegmentOptions): Promise<SegmentReport> {
  const segment = new Segment(options);
  try {
    return await segment.run();
  } catch (error) {
    return segment.broken(error);
  } finally {
    await segment.close();
  }
}

class Segment {
  readonly #options: SegmentOptions;
  readonly #file: string;
  readonly #historyFile: string;
  readonly #history: HistoryFile;
  readonly #fleet: Fleet;
  readonly #rounds: Rounds;
  readonly #ofRounds: Chance;
  readonly #ofLoad: Chance;
  readonly #forms = new Map<string, WorkerForm>();
  readonly #roundMs: number[] = [];
  readonly #faults: string[] = [];
  #stage3: Stage3Queue | undefined;
  #load: Load | undefined;

  constructor(options: SegmentOptions) {
    const { folder, seed, prunes } = options;
    this.#options = options;
    this.#file = join(folder, "queue.db");
    this.#historyFile = join(folder, "history");
    this.#history = new HistoryFile(this.#historyFile);
    const cache = join(folder, "..", "compiled");
    // One each: in which order they are asked is up to the machine.
    const chance = (part: number): Chance => new Chance(seededRandom(seed * 3 + part));
    this.#ofRounds = chance(0);
    this.#ofLoad = chance(1);
    this.#fleet = new Fleet({
      chance: chance(2),
      history: this.#history,
      historyFile: this.#historyFile,
      database: `sqlite:${this.#file}`,
      durability: this.#ofRounds.happens(0.5) ? "power-loss" : "process-crash",
      retentionMs: prunes ? RETENTION_MS : undefined,
      cache,
      onStarted: ({ name, settings }) => this.#forms.set(name, settings.form),
    });
    this.#rounds = new Rounds({ fleet: this.#fleet, chance: this.#ofRounds, file: this.#file, folder, cache });
  }

  async run(): Promise<SegmentReport> {
    // From its registration on everybody knows the functions.
    await this.#fleet.oldest();
    const stage3 = await Stage3Queue.open({ database: `sqlite:${this.#file}`, queues: QUEUES, lease: LEASE_MS });
    this.#stage3 = stage3;
    this.#load = new Load({
      broker: stage3.broker,
      chance: this.#ofLoad,
      history: this.#history,
      caller: { name: "supervisor", number: 0 },
      mostOpen: 60,
      longestPauseMs: 15,
    });
    const load = this.#load;
    await this.#play();
    await load.stop();
    await this.#rounds.over();
    await this.#fleet.silence();
    this.#history.note({ kind: "faultsOver" });
    await this.#end(load);
    const unable = await this.#fleet.stop(STOP_LIMIT_MS);
    for (const worker of unable)
      this.#faults.push(`${worker} had not stopped ${STOP_LIMIT_MS} ms after SIGTERM at the end`);
    await stage3.stop();
    return this.#judge();
  }

  /** It could not be brought to its end, so that nothing can be said of what it has done, but this. */
  broken(error: unknown): SegmentReport {
    const sentence = `the rounds could not go on: ${String(error)}`;
    return {
      verdict: { ...check([], { maxConcurrency: {} }), violations: [{ rule: "processes", sentence, index: 0 }] },
      roundMs: this.#roundMs,
      missed: this.#rounds.missed,
      workers: this.#fleet.started,
      starved: 0,
      cutOff: 0,
      longestAfterDeathMs: 0,
    };
  }

  async close(): Promise<void> {
    this.#load?.quit();
    await this.#fleet.kill();
    await this.#rounds.over();
    await this.#stage3?.kill();
    await this.#load?.over();
    this.#history.close();
  }

  async #play(): Promise<void> {
    const { prunes, goesOn, onRound } = this.#options;
    for (const kind of dealRounds(this.#ofRounds, prunes)) {
      if (!goesOn()) return;
      const startedAt = systemClock.monotonic();
      await this.#rounds.play(kind);
      this.#roundMs.push(systemClock.monotonic() - startedAt);
      onRound(kind);
    }
  }

  /** Nothing is broken any more: everything comes to an end, and everybody is answered. */
  async #end(load: Load): Promise<void> {
    const until = systemClock.monotonic() + END_LIMIT_MS;
    while (systemClock.monotonic() < until && countOpenTasks(this.#file) > 0) await sleep(systemClock, POLL_MS);
    const isAnswered = await within(
      load.answered().then(() => true),
      LEFT_LIMIT_MS,
    );
    if (isAnswered !== true) this.#faults.push("a call was not answered although every task has ended");
  }

  async #judge(): Promise<SegmentReport> {
    // Every process of this segment has the file's name in its environment.
    const goneAfterMs = await markedGoneAfterMs(JSON.stringify(this.#historyFile), LEFT_LIMIT_MS);
    if (goneAfterMs >= LEFT_LIMIT_MS) this.#faults.push("processes are left over, although their workers are gone");
    const inspection = inspectDatabase(this.#file);
    const { events, faults, ...figures } = toHistory(
      readNotes(this.#historyFile),
      (worker) => this.#forms.get(worker) ?? "whole",
    );
    const finals = inspection.tasks.map(({ id, state, attempt, result }): HistoryEvent => {
      const status = statusOf(state);
      return { kind: "final", id, status, attempt, ...(result === undefined ? {} : { result }) };
    });
    const verdict = check([...events, ...finals], {
      maxConcurrency: limitsOf("maxConcurrency"),
      maxRestarts: limitsOf("maxRestarts"),
      prunes: this.#options.prunes,
    });
    const more = [...this.#faults, ...this.#rounds.faults, ...faults, ...inspection.faults];
    const index = events.length + finals.length;
    const violations = more.map((sentence) => ({ rule: "processes", sentence, index }));
    return {
      ...figures,
      verdict: { ...verdict, violations: [...verdict.violations, ...violations] },
      roundMs: this.#roundMs,
      missed: this.#rounds.missed,
      workers: this.#fleet.started,
    };
  }
}
