import { expect } from "vitest";
import { check } from "../../proof/history/check.ts";
import type { HistoryEvent } from "../../proof/history/events.ts";
import type { Rules } from "../../proof/history/rules.ts";

/** How much longer the long history is, and how often the short one is checked against it. */
const TIMES = 20;

/** The checker's time grows with the length of such a history alone. */
export function expectLinear(historyOf: (size: number) => HistoryEvent[], rules: Rules): void {
  // Of this thread alone, so that it does not depend on what else the machine does.
  const timeOf = (history: HistoryEvent[], times: number): number => {
    const start = process.threadCpuUsage();
    for (let round = 0; round < times; round += 1) check(history, rules);
    const { user, system } = process.threadCpuUsage(start);
    return user + system;
  };
  const [short, long] = [historyOf(1_000), historyOf(1_000 * TIMES)];
  timeOf(short, 2);
  const ratios = Array.from({ length: 3 }, () => timeOf(long, 1) / timeOf(short, TIMES));
  // As many events each. A checker that looks back would take twenty times as long for the long one, and more; what
  // lies far apart in memory, and the collection of garbage, cost some of that.
  expect(Math.min(...ratios)).toBeLessThan(10);
}
