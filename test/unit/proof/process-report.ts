import { check } from "../../../proof/history/check.ts";
import type { ProcessReport } from "../../../proof/processes/run-process-rounds.ts";

/** A report of rounds on which there is nothing to say, but for `more`. */
export function processReport(more: Partial<ProcessReport>): ProcessReport {
  return {
    seed: 5,
    rounds: 50,
    brokenAfter: undefined,
    roundsByKind: {},
    verdict: check([], { maxConcurrency: {} }),
    workers: 0,
    cutOff: 0,
    missed: 0,
    starved: 0,
    longestAfterDeathMs: 0,
    medianRoundMs: 0,
    totalMs: 0,
    ...more,
  };
}
