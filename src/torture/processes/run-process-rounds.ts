import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../core/clock.ts";
import type { Verdict, Violation } from "../history/check.ts";
import type { RoundKind } from "./round-kinds.ts";
import { runSegment, type SegmentReport } from "./segment.ts";

export interface ProcessRoundsOptions {
  /** An existing folder for databases and histories; those in which something was wrong are left in it. */
  readonly folder: string;
  /** How many rounds to play; without a number, as many as there is time for. */
  readonly rounds?: number;
  /** For how long to play, in milliseconds from the call on; the last round and the checks come on top. */
  readonly forMs?: number;
  /** Decides what is done in which round; when exactly it meets whom is up to the machine. */
  readonly seed: number;
  /** Called after each round, with its number. */
  readonly onRound?: (round: number) => void;
}

/** What came out of rounds with real processes. */
export interface ProcessReport {
  readonly seed: number;
  readonly rounds: number;
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

/** After so many rounds, a new database and a new history are begun; every other database is pruned. */
const ROUNDS_PER_SEGMENT = 100;
/** Where only the time is limited, so that a minute is enough for both. */
const FEWER_ROUNDS = 40;

/**
 * Kills, stalls and stops real worker processes under load, at random moments and at named points, and checks what the
 * tasks and the callers have seen. Never rejects because something was wrong: the verdict tells.
 *
 * @example
 * const report = await runProcessRounds({ folder, rounds: 1_000, seed: 1 });
 * console.log(report.verdict.violations);
 */
export async function runProcessRounds(options: ProcessRoundsOptions): Promise<ProcessReport> {
  const { folder, seed, rounds = Number.POSITIVE_INFINITY, forMs = Number.POSITIVE_INFINITY, onRound } = options;
  const startedAt = systemClock.monotonic();
  const played = new Map<RoundKind, number>();
  let count = 0;
  const goesOn = (): boolean => count < rounds && systemClock.monotonic() - startedAt < forMs;
  // At least two, so that short runs prune as well.
  const most = Number.isFinite(rounds) ? Math.ceil(rounds / 2) : FEWER_ROUNDS;
  const perSegment = Math.max(1, Math.min(ROUNDS_PER_SEGMENT, most));
  const segments: SegmentReport[] = [];
  while (goesOn()) {
    const number = segments.length;
    const own = join(folder, `rounds-${seed}-${number}`);
    mkdirSync(own, { recursive: true });
    const last = count + perSegment;
    const segment = await runSegment({
      folder: own,
      seed: seed + number,
      goesOn: () => goesOn() && count < last,
      prunes: number % 2 === 1,
      onRound(kind) {
        count += 1;
        played.set(kind, (played.get(kind) ?? 0) + 1);
        onRound?.(count);
      },
    });
    segments.push(segment);
    if (segment.verdict.violations.length === 0) rmSync(own, { recursive: true, force: true });
  }
  return {
    seed,
    rounds: count,
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
