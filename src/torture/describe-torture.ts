import { describeFailure } from "./simulation/describe-failure.ts";
import type { TortureReport } from "./torture.ts";

/** The report as lines for people. */
export function describeTorture({ seed, simulation, processes, isFine }: TortureReport, folder: string): string {
  const lines = [
    `Simulated: ${count(simulation.seeds, "run")} (${simulation.onSqlite} on SQLite) with ${simulation.crashes} crashes, ` +
      `${simulation.stalls} stalls and ${simulation.stops} stops of workers; ` +
      `${count(simulation.repeated, "enqueue")} sent again with a key, ${count(simulation.conflicts, "conflict")}`,
    `  ${tasksOf(simulation)}`,
  ];
  if (simulation.failure !== undefined) lines.push(describeFailure(simulation.failure));
  if (processes !== undefined) {
    const kinds = Object.entries(processes.roundsByKind).map(([kind, rounds]) => `${rounds} ${kind}`);
    lines.push(
      `Real processes: ${count(processes.rounds, "round")}, ${processes.medianRoundMs.toFixed(0)} ms in the median ` +
        `(${kinds.join(", ")})`,
      `  ${tasksOf(processes.verdict)}`,
    );
    for (const { rule, sentence } of processes.verdict.violations.slice(0, 5)) lines.push(`  ${rule}: ${sentence}`);
  }
  lines.push(isFine ? "No promise was broken." : `A promise was broken; what was left is in ${folder} (seed ${seed}).`);
  return lines.join("\n");
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
