import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, type Verdict } from "../history/check.ts";
import { enqueuedBy } from "../history/enqueued-by.ts";
import type { HistoryEvent } from "../history/events.ts";
import { simulate } from "./simulate.ts";

/** Which storage a simulation runs on. */
export type SimulatedStorageKind = "memory" | "sqlite";

export interface SeedRange {
  readonly from: number;
  readonly count: number;
  /** Every how manieth seed runs on SQLite, which takes five times as long; the others run in memory. */
  readonly sqliteEvery: number;
  /** Ends the run after the seed that is under way. */
  readonly isOver?: () => boolean;
}

/** What simulated runs have seen, in sums. */
export interface SimulationReport {
  seeds: number;
  onSqlite: number;
  acknowledged: number;
  attempts: number;
  crashes: number;
  stalls: number;
  stops: number;
  lost: number;
  unexpected: number;
  duplicated: number;
  recovered: number;
  /** Enqueues whose idempotency key was sent before, and calls that were refused because it was another's. */
  repeated: number;
  conflicts: number;
  /** The first seed that broke a rule; the run ends there. */
  failure: SeedFailure | undefined;
}

export interface SeedFailure {
  readonly seed: number;
  readonly storage: SimulatedStorageKind;
  readonly verdict: Verdict;
  readonly history: readonly HistoryEvent[];
}

/** Simulates one seed after another until one breaks a rule. */
export async function runSeeds(range: SeedRange): Promise<SimulationReport> {
  const report = emptyReport();
  for (let seed = range.from; seed < range.from + range.count && report.failure === undefined; seed += 1) {
    if (range.isOver?.() === true) break;
    const storage = seed % range.sqliteEvery === 0 ? "sqlite" : "memory";
    const { history, verdict } = await runSeed(seed, storage);
    add(report, { history, verdict, storage });
    if (verdict.violations.length > 0) report.failure = { seed, storage, verdict, history };
  }
  return report;
}

/** Simulates and judges one seed. */
export async function runSeed(
  seed: number,
  storage: SimulatedStorageKind,
): Promise<{ readonly history: readonly HistoryEvent[]; readonly verdict: Verdict }> {
  const folder = storage === "sqlite" ? mkdtempSync(join(tmpdir(), "stage3queue-simulation-")) : undefined;
  try {
    const { history, rules } = await simulate({ seed, folder });
    return { history, verdict: check(history, rules) };
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function add(
  report: SimulationReport,
  run: { history: readonly HistoryEvent[]; verdict: Verdict; storage: SimulatedStorageKind },
): void {
  const { history, verdict, storage } = run;
  report.seeds += 1;
  if (storage === "sqlite") report.onSqlite += 1;
  for (const name of ["acknowledged", "attempts", "lost", "unexpected", "duplicated", "recovered"] as const) {
    report[name] += verdict[name];
  }
  report.repeated += repeatsIn(history);
  for (const event of history) {
    if (event.kind === "answered" && event.outcome === "fail" && event.code === "IDEMPOTENCY_CONFLICT") {
      report.conflicts += 1;
    }
    if (event.kind !== "worker") continue;
    if (event.event === "crashed") report.crashes += 1;
    if (event.event === "stalled") report.stalls += 1;
    if (event.event === "stopped") report.stops += 1;
  }
}

/** How many enqueues had a key that was sent before. */
function repeatsIn(history: readonly HistoryEvent[]): number {
  const enqueued = history.flatMap((event) => (event.kind === "invoked" ? enqueuedBy(event.request) : []));
  const keys = enqueued.flatMap(({ keyed }) => keyed?.key ?? []);
  return keys.length - new Set(keys).size;
}

function emptyReport(): SimulationReport {
  const counts = { seeds: 0, onSqlite: 0, acknowledged: 0, attempts: 0, crashes: 0, stalls: 0, stops: 0 };
  const sums = { lost: 0, unexpected: 0, duplicated: 0, recovered: 0, repeated: 0, conflicts: 0 };
  return { ...counts, ...sums, failure: undefined };
}
