import { statusOf } from "../../src/core/transitions.ts";
import { inspectDatabase } from "../sqlite/inspection.ts";
import { check, type Verdict } from "../history/check.ts";
import type { HistoryEvent } from "../history/events.ts";
import type { Rules } from "../history/rules.ts";
import { readNotes } from "./history-file.ts";
import { limitsOf } from "./queues.ts";
import { type ProcessHistory, toHistory } from "./to-history.ts";
import type { WorkerForm } from "./worker-settings.ts";

/** What is left of the rounds on one database. */
export interface SegmentRemains {
  readonly historyFile: string;
  readonly formOf: (worker: string) => WorkerForm;
  /** Whether ended tasks were removed soon. */
  readonly prunes: boolean;
  /** What has been found while the rounds were played, as sentences. */
  readonly faults: readonly string[];
}

export interface SegmentVerdict extends Omit<ProcessHistory, "events" | "faults"> {
  readonly verdict: Verdict;
}

/** Judges rounds that were played to their end: `file` is their database. */
export function judgeSegment(file: string, remains: SegmentRemains): SegmentVerdict {
  const { events, faults, ...figures } = historyOf(remains);
  const inspection = inspectDatabase(file);
  const finals = inspection.tasks.map(({ id, state, attempt, result }): HistoryEvent => {
    const status = statusOf(state);
    return { kind: "final", id, status, attempt, ...(result === undefined ? {} : { result }) };
  });
  const verdict = check([...events, ...finals], rulesOf(remains));
  const more = [...remains.faults, ...faults, ...inspection.faults];
  return withFaults({ ...figures, verdict }, more, events.length + finals.length);
}

/** Judges rounds that were broken off: only by what was seen until then, since no task has been given time to end. */
export function judgeInterrupted(remains: SegmentRemains): SegmentVerdict {
  const { events, faults, ...figures } = historyOf(remains);
  const seen = check(events, rulesOf(remains));
  const violations = seen.violations.filter(({ index }) => index < events.length);
  const verdict = { ...seen, violations, lost: 0, unexpected: 0, recovered: 0 };
  return withFaults({ ...figures, verdict }, [...remains.faults, ...faults], events.length);
}

/** Of rounds that could not go on nothing can be said but this. */
export function judgeBroken(error: unknown): SegmentVerdict {
  const verdict = check([], { maxConcurrency: {} });
  const figures = { starved: 0, cutOff: 0, longestAfterDeathMs: 0 };
  return withFaults({ ...figures, verdict }, [`the rounds could not go on: ${String(error)}`], 0);
}

function historyOf({ historyFile, formOf }: SegmentRemains): ProcessHistory {
  return toHistory(readNotes(historyFile), formOf);
}

function rulesOf({ prunes }: SegmentRemains): Rules {
  return { maxConcurrency: limitsOf("maxConcurrency"), maxRestarts: limitsOf("maxRestarts"), prunes };
}

/** They belong to no event: `index` is that of the end. */
function withFaults(judged: SegmentVerdict, faults: readonly string[], index: number): SegmentVerdict {
  const { verdict } = judged;
  const more = faults.map((sentence) => ({ rule: "processes", sentence, index }));
  return { ...judged, verdict: { ...verdict, violations: [...verdict.violations, ...more] } };
}
