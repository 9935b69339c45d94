import { systemClock } from "../core/clock.ts";
import { type ProcessReport, runProcessRounds } from "./processes/run-process-rounds.ts";
import { runSeeds, type SimulationReport } from "./simulation/run-seeds.ts";

export interface TortureOptions {
  readonly seed: number;
  readonly forMs: number;
  /** For databases and histories. What is left in it shows what was wrong. */
  readonly folder: string;
}

export interface TortureReport {
  readonly seed: number;
  readonly simulation: SimulationReport;
  /** None where the simulation has broken a rule already. */
  readonly processes: ProcessReport | undefined;
  readonly isFine: boolean;
}

/** Simulates for half of the time, and kills real processes for the other half; ends where a rule is broken. */
export async function torture({ seed, forMs, folder }: TortureOptions): Promise<TortureReport> {
  const until = systemClock.monotonic() + forMs / 2;
  const isOver = (): boolean => systemClock.monotonic() >= until;
  const simulation = await runSeeds({ from: seed, count: Number.POSITIVE_INFINITY, sqliteEvery: 10, isOver });
  if (simulation.failure !== undefined) return { seed, simulation, processes: undefined, isFine: false };
  const processes = await runProcessRounds({ folder, seed, forMs: forMs / 2 });
  return { seed, simulation, processes, isFine: processes.verdict.violations.length === 0 };
}
