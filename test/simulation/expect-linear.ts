import { expect } from "vitest";
import { check } from "../../proof/history/check.ts";
import type { HistoryEvent } from "../../proof/history/events.ts";
import type { Rules } from "../../proof/history/rules.ts";

/** The checker's time grows with the length of such a history alone. */
export function expectLinear(historyOf: (size: number) => HistoryEvent[], rules: Rules): void {
  // Of this thread alone, so that it does not depend on what else the machine does.
  const timeOf = (history: HistoryEvent[]): number => {
    const start = process.threadCpuUsage();
    check(history, rules);
    const { user, system } = process.threadCpuUsage(start);
    return (user + system) / 1_000;
  };
  const [short, long] = [historyOf(2_000), historyOf(40_000)];
  timeOf(short);
  // Twenty times the length; a checker that looks back would take four hundred times as long.
  expect(timeOf(long) / Math.max(timeOf(short), 1)).toBeLessThan(120);
}
