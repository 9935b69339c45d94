import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/core/clock.ts";
import type { Verdict, Violation } from "../history/check.ts";
import { writeViolations } from "../evidence.ts";
import { Guard } from "./guard.ts";
import { type RoundKind, roundsOnDatabase } from "./round-kinds.ts";
import { runSegment, type SegmentReport } from "./segment.ts";

export interface ProcessRoundsOptions {
  /**
   * An existing folder for databases and histories; those in which something was wrong are left in it, with a list of
   * what it was.
   */
  readonly folder: string;
  /** How many rounds to play; without a number, as many as there is time for. */
  readonly rounds?: number;
  /** For how long to play, in milliseconds from the call on, but one round at least; its end and the checks come on top. */
  readonly forMs?: number;
  /** Decides what is done in which round; when exactly it meets whom is up to the machine. */
  readonly seed: number;
  /** Called after each round, with its number. */
  readonly onRound?: (round: number) => void;
  /** Breaks the rounds off: the report then tells what was seen until then. */
  readonly signal?: AbortSignal;
}

/** The folder of compiled code, with which workers start faster; it shows nothing. */
const COMPILED = "compiled";

/** What came out of rounds with real processes. */
export interface ProcessReport {
  readonly seed: number;
  readonly rounds: number;
  /** How many had been played when the first database was done in which something was wrong. */
  readonly brokenAfter: number | undefined;
  readonly roundsByKind: Readonly<Partial<Record<RoundKind, number>>>;
  /** Of all databases together. */
  readonly verdict: Verdict;
  /** Worker processes that were started. */
  readonly workers: number;
  /** Attempts that were cut off by the death of their worker. */
  readonly cutOff: number;
  /** Rounds in which the worker did not come to the point where it was to die, and was killed from outside. */
  readonly missed: number;
  /** Workers that were taken for dead although nobody had stalled them: the machine was too busy for them. */
  readonly starved: number;
  /** The longest that a child was still seen at work after the death of its worker, in milliseconds. */
  readonly longestAfterDeathMs: number;
  readonly medianRoundMs: number;
  readonly totalMs: number;
}

/**
 * Kills, stalls and stops real worker processes under load, at random moments and at named points, and checks what the
 * tasks and the callers have seen. Never rejects because something was wrong: the verdict tells.
 *
 * Nothing that it starts outlives this process, whichever way that ends.
 *
 * @example
 * const report = await runProcessRounds({ folder, rounds: 1_000, seed: 1 });
 * console.log(report.verdict.violations);
 */
export async function runProcessRounds(options: ProcessRoundsOptions): Promise<ProcessReport> {
  const guard = new Guard();
  try {
    return await playRounds(options, guard);
  } finally {
    await guard.close();
    rmSync(join(options.folder, COMPILED), { recursive: true, force: true });
  }
}

async function playRounds(options: ProcessRoundsOptions, guard: Guard): Promise<ProcessReport> {
  const { folder, seed, rounds = Number.POSITIVE_INFINITY, forMs = Number.POSITIVE_INFINITY, onRound } = options;
  const { signal = new AbortController().signal } = options;
  const startedAt = systemClock.monotonic();
  const played = new Map<RoundKind, number>();
  let count = 0;
  let brokenAfter: number | undefined;
  const segments: SegmentReport[] = [];
  const isInTime = (): boolean => count === 0 || systemClock.monotonic() - startedAt < forMs;
  const goesOn = (): boolean => !signal.aborted && count < rounds && isInTime();
  while (goesOn()) {
    const number = segments.length;
    const own = join(folder, `rounds-${seed}-${number}`);
    mkdirSync(own, { recursive: true });
    const before = count;
    const last = before + roundsOnDatabase(number);
    const segment = await runSegment({
      folder: own,
      cache: join(folder, COMPILED),
      seed: seed + number,
      goesOn: () => goesOn() && count < last,
      prunes: number % 2 === 1,
      onRound(kind) {
        count += 1;
        played.set(kind, (played.get(kind) ?? 0) + 1);
        onRound?.(count);
      },
      guard,
      signal,
    });
    segments.push(segment);
    const { violations } = segment.verdict;
    if (violations.length === 0) rmSync(own, { recursive: true, force: true });
    else {
      writeViolations(own, violations);
      brokenAfter ??= count;
    }
    // On another database it would be no better, for ever.
    if (count === before) break;
  }
  return {
    seed,
    rounds: count,
    brokenAfter,
    roundsByKind: Object.fromEntries(played),
    verdict: mergeVerdicts(segments),
    workers: sum(segments, ({ workers }) => workers),
    cutOff: sum(segments, ({ cutOff }) => cutOff),
    missed: sum(segments, ({ missed }) => missed),
    starved: sum(segments, ({ starved }) => starved),
    longestAfterDeathMs: Math.max(0, ...segments.map(({ longestAfterDeathMs }) => longestAfterDeathMs)),
    medianRoundMs: median(segments.flatMap(({ roundMs }) => roundMs)),
    totalMs: systemClock.monotonic() - startedAt,
  };
}

/** An index is that of the segment's own history, whose number the sentence then names. */
function mergeVerdicts(segments: readonly SegmentReport[]): Verdict {
  const violations = segments.flatMap(({ verdict }, number) =>
    verdict.violations.map((violation): Violation => ({
      ...violation,
      sentence: `database ${number}: ${violation.sentence}`,
    })),
  );
  return {
    violations,
    acknowledged: sum(segments, ({ verdict }) => verdict.acknowledged),
    attempts: sum(segments, ({ verdict }) => verdict.attempts),
    lost: sum(segments, ({ verdict }) => verdict.lost),
    unexpected: sum(segments, ({ verdict }) => verdict.unexpected),
    duplicated: sum(segments, ({ verdict }) => verdict.duplicated),
    recovered: sum(segments, ({ verdict }) => verdict.recovered),
  };
}

function sum<Item>(items: readonly Item[], read: (item: Item) => number): number {
  return items.reduce((total, item) => total + read(item), 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
