import { systemClock } from "../src/core/clock.ts";
import { writeHistory, writeViolations } from "./evidence.ts";
import { type ProcessReport, runProcessRounds } from "./processes/run-process-rounds.ts";
import { runSeeds, type SimulationReport } from "./simulation/run-seeds.ts";

export interface TortureOptions {
  readonly seed: number;
  readonly extent: TortureExtent;
  /** For databases and histories. What is left in it shows what was wrong. */
  readonly folder: string;
  /** Breaks it off: the report then tells what was seen until then. */
  readonly signal: AbortSignal;
}

export type TortureExtent =
  /** Simulated for half of that time, and with real processes for the other half. */
  | { readonly kind: "time"; readonly forMs: number }
  /** So many rounds with real processes, and no simulation. */
  | { readonly kind: "rounds"; readonly rounds: number };

export interface TortureReport {
  readonly seed: number;
  /** None where only rounds were asked for. */
  readonly simulation: SimulationReport | undefined;
  /** None where the simulation has broken a rule already, or was broken off. */
  readonly processes: ProcessReport | undefined;
  readonly isFine: boolean;
}

/** Simulates, and kills real processes; ends where a rule is broken. */
export async function torture({ seed, extent, folder, signal }: TortureOptions): Promise<TortureReport> {
  if (extent.kind === "rounds") {
    const processes = await runProcessRounds({ folder, seed, rounds: extent.rounds, signal });
    return { seed, simulation: undefined, processes, isFine: isSound(processes) };
  }
  const halfMs = extent.forMs / 2;
  const until = systemClock.monotonic() + halfMs;
  const isOver = (): boolean => signal.aborted || systemClock.monotonic() >= until;
  const simulation = await runSeeds({ from: seed, count: Number.POSITIVE_INFINITY, sqliteEvery: 10, isOver });
  const { failure } = simulation;
  if (failure !== undefined) {
    writeHistory(folder, failure.history);
    writeViolations(folder, failure.verdict.violations);
  }
  if (failure !== undefined || signal.aborted) {
    return { seed, simulation, processes: undefined, isFine: failure === undefined };
  }
  const processes = await runProcessRounds({ folder, seed, forMs: halfMs, signal });
  return { seed, simulation, processes, isFine: isSound(processes) };
}

function isSound({ verdict }: ProcessReport): boolean {
  return verdict.violations.length === 0;
}
