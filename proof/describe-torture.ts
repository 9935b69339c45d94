import { describeBrokenRounds, untriedRounds } from "./processes/describe-rounds.ts";
import type { ProcessReport } from "./processes/run-process-rounds.ts";
import { describeFailure } from "./simulation/describe-failure.ts";
import type { SimulationReport } from "./simulation/run-seeds.ts";
import type { TortureReport } from "./torture.ts";

export interface TortureCircumstances {
  readonly folder: string;
  /** Undefined: nothing has broken it off. */
  readonly interruptedBy: string | undefined;
}

/** The report as lines for people. */
export function describeTorture(report: TortureReport, { folder, interruptedBy }: TortureCircumstances): string {
  const { seed, simulation, processes, isFine } = report;
  const lines: string[] = [];
  if (simulation !== undefined) lines.push(...describeSimulation(simulation));
  if (processes !== undefined) lines.push(...describeProcesses(processes));
  lines.push(...untried(report));
  if (interruptedBy !== undefined) {
    const unknown = processes === undefined ? "" : ": how the tasks of the last database would have ended is not known";
    lines.push(`Broken off by ${interruptedBy}${unknown}.`);
  }
  if (!isFine) lines.push(`A promise was broken; what was left is in ${folder} (seed ${seed}).`);
  else if (processes === undefined || processes.rounds === 0) lines.push("Nothing was found broken so far.");
  else lines.push("No promise was broken.");
  return lines.join("\n");
}

function describeSimulation(simulation: SimulationReport): string[] {
  return [
    `Simulated: ${count(simulation.seeds, "run")} (${simulation.onSqlite} on SQLite) with ${simulation.crashes} crashes, ` +
      `${simulation.stalls} stalls and ${simulation.stops} stops of workers; ` +
      `${count(simulation.repeated, "enqueue")} sent again with a key, ${count(simulation.conflicts, "conflict")}`,
    `  ${tasksOf(simulation)}`,
    ...(simulation.failure === undefined ? [] : [describeFailure(simulation.failure)]),
  ];
}

function describeProcesses(processes: ProcessReport): string[] {
  const { rounds, roundsByKind, medianRoundMs, verdict } = processes;
  const kinds = Object.entries(roundsByKind).map(([kind, times]) => `${times} ${kind}`);
  const detail = rounds === 0 ? "" : `, ${medianRoundMs.toFixed(0)} ms in the median (${kinds.join(", ")})`;
  return [
    `Real processes: ${count(rounds, "round")}${detail}`,
    `  ${tasksOf(verdict)}`,
    ...(verdict.violations.length === 0 ? [] : [describeBrokenRounds(processes)]),
  ];
}

function untried({ simulation, processes }: TortureReport): string[] {
  const isSimulated = simulation === undefined || simulation.seeds > 0;
  const ofProcesses =
    processes === undefined || processes.rounds === 0 ? ["rounds with real processes"] : untriedRounds(processes);
  const missing = [...(isSimulated ? [] : ["simulated runs"]), ...ofProcesses];
  return missing.length === 0 ? [] : [`Not tried in that time: ${missing.join(", ")}`];
}

function tasksOf(sums: {
  readonly acknowledged: number;
  readonly attempts: number;
  readonly lost: number;
  readonly unexpected: number;
  readonly duplicated: number;
  readonly recovered: number;
}): string {
  return (
    `${count(sums.acknowledged, "acknowledged task")}, ${count(sums.attempts, "attempt")}: ${sums.lost} lost, ` +
    `${sums.unexpected} unexpected, ${sums.duplicated} run to their end more than once, ${sums.recovered} recovered`
  );
}

function count(number: number, name: string): string {
  return `${number} ${name}${number === 1 ? "" : "s"}`;
}
