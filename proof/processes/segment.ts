import { join } from "node:path";
import { Stage3Queue } from "../../src/broker/stage3queue.ts";
import { sleep, systemClock } from "../../src/core/clock.ts";
import { countOpenTasks } from "../sqlite/inspection.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { Chance } from "../simulation/chance.ts";
import { Fleet } from "./fleet.ts";
import type { Guard } from "./guard.ts";
import { HistoryFile } from "./history-file.ts";
import {
  judgeBroken,
  judgeInterrupted,
  judgeSegment,
  type SegmentRemains,
  type SegmentVerdict,
} from "./judge-segment.ts";
import { Load } from "./load.ts";
import { markedGoneAfterMs } from "./marked-processes.ts";
import { LEASE_MS, QUEUES } from "./queues.ts";
import { dealRounds, type RoundKind } from "./round-kinds.ts";
import { Rounds } from "./rounds.ts";
import { untilAborted } from "./until-aborted.ts";
import { within } from "./within.ts";
import type { WorkerForm } from "./worker-settings.ts";

export interface SegmentOptions {
  /** An empty one. */
  readonly folder: string;
  /** For compiled code. */
  readonly cache: string;
  /** Decides what is done in which round, and what is called. */
  readonly seed: number;
  /** Asked before each round. */
  readonly goesOn: () => boolean;
  /** Whether ended tasks are removed soon. */
  readonly prunes: boolean;
  readonly onRound: (kind: RoundKind) => void;
  readonly guard: Guard;
  /** Breaks it off. */
  readonly signal: AbortSignal;
}

export interface SegmentReport extends SegmentVerdict {
  /** How long each round took, in milliseconds. */
  readonly roundMs: readonly number[];
  readonly missed: number;
  readonly workers: number;
}

const RETENTION_MS = 300;
/** By then everything has come to an end, although the machine may be busy. */
const END_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
const LEFT_LIMIT_MS = 5_000;
const POLL_MS = 20;

/**
 * Some rounds on one database, from its making to the check of all that has happened, or, where it is broken off, of
 * what has happened until then.
 */
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
  #played: Promise<true> | undefined;
  #stage3: Stage3Queue | undefined;
  #load: Load | undefined;

  constructor(options: SegmentOptions) {
    const { folder, cache, seed, prunes, guard, signal } = options;
    this.#options = options;
    this.#file = join(folder, "queue.db");
    this.#historyFile = join(folder, "history");
    this.#history = new HistoryFile(this.#historyFile);
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
      guard,
      onStarted: ({ name, settings }) => this.#forms.set(name, settings.form),
    });
    const parts = { fleet: this.#fleet, chance: this.#ofRounds, file: this.#file, folder, cache, guard };
    this.#rounds = new Rounds({ ...parts, signal });
  }

  async run(): Promise<SegmentReport> {
    this.#played = this.#playToItsEnd();
    if ((await untilAborted(this.#played, this.#options.signal)) === true) {
      return this.#report(judgeSegment(this.#file, this.#remains()));
    }
    // What comes now is the fault of who breaks it off.
    const remains = this.#remains();
    await this.#fleet.kill();
    return this.#report(judgeInterrupted(remains));
  }

  /** It could not be brought to its end. */
  broken(error: unknown): SegmentReport {
    return this.#report(judgeBroken(error));
  }

  async close(): Promise<void> {
    this.#load?.quit();
    await this.#fleet.kill();
    await this.#rounds.over();
    await this.#stage3?.kill();
    await this.#load?.over();
    await this.#played?.catch(() => undefined); // the reports tell why
    await this.#stage3?.kill(); // where it was opened only meanwhile
    this.#history.close();
  }

  async #playToItsEnd(): Promise<true> {
    const { signal } = this.#options;
    // From its registration on everybody knows the functions.
    await this.#fleet.oldest();
    const stage3 = await Stage3Queue.open({ database: `sqlite:${this.#file}`, queues: QUEUES, lease: LEASE_MS });
    this.#stage3 = stage3;
    signal.throwIfAborted();
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
    signal.throwIfAborted();
    this.#history.note({ kind: "faultsOver" });
    await this.#end(load);
    const unable = await this.#fleet.stop(STOP_LIMIT_MS);
    for (const worker of unable)
      this.#faults.push(`${worker} had not stopped ${STOP_LIMIT_MS} ms after SIGTERM at the end`);
    await stage3.stop();
    // Every process of this segment has the file's name in its environment.
    const goneAfterMs = await markedGoneAfterMs(JSON.stringify(this.#historyFile), LEFT_LIMIT_MS);
    if (goneAfterMs >= LEFT_LIMIT_MS) this.#faults.push("processes are left over, although their workers are gone");
    return true;
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
    const { signal } = this.#options;
    const until = systemClock.monotonic() + END_LIMIT_MS;
    while (!signal.aborted && systemClock.monotonic() < until && countOpenTasks(this.#file) > 0) {
      await sleep(systemClock, POLL_MS, signal);
    }
    const isAnswered = await within(
      load.answered().then(() => true),
      LEFT_LIMIT_MS,
    );
    if (isAnswered !== true) this.#faults.push("a call was not answered although every task has ended");
  }

  #remains(): SegmentRemains {
    return {
      historyFile: this.#historyFile,
      formOf: (worker) => this.#forms.get(worker) ?? "whole",
      prunes: this.#options.prunes,
      faults: [...this.#faults, ...this.#rounds.faults],
    };
  }

  #report(judged: SegmentVerdict): SegmentReport {
    return { ...judged, roundMs: this.#roundMs, missed: this.#rounds.missed, workers: this.#fleet.started };
  }
}
