import { expect, test } from "vitest";
import { PacedReports } from "../../../src/executor/paced-reports.ts";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";
import { request } from "../../fixtures/requests.ts";

function open({ isCongested = () => false }: { isCongested?: () => boolean } = {}) {
  const clock = new VirtualClock();
  const { told, ...to } = request("noisy");
  const paced = new PacedReports({ clock, function: "noisy", to, isCongested });
  return { clock, told, paced, budget: paced.reports.logBudget };
}

test("passes the first warning of each code on at once, and then one a second, with the count", async () => {
  const { clock, told, paced } = open();
  const { onWarning } = paced.reports;
  for (let time = 0; time < 1_000; time += 1) onWarning("PROGRESS_DROPPED", "Wrong.");
  onWarning("LOG_CUT", "Cut.");
  expect(told.warnings.map(({ message }) => message)).toEqual(["Wrong.", "Cut."]);
  await clock.advance(999);
  expect(told.warnings).toHaveLength(2);
  await clock.advance(1);
  expect(told.warnings.slice(2)).toEqual([
    { code: "PROGRESS_DROPPED", message: "Wrong. It happened 999 times since the last such warning." },
  ]);
  onWarning("PROGRESS_DROPPED", "Again.");
  paced.flush();
  expect(told.warnings.at(-1)).toEqual({ code: "PROGRESS_DROPPED", message: "Again." });
  paced.flush();
  expect(told.warnings).toHaveLength(4);
});

test("a handler that never returns to its event loop is paced, too", () => {
  const { clock, told, paced } = open();
  const start = clock.monotonic();
  clock.monotonic = () => start + told.progress.length + 600 * told.warnings.length;
  for (let time = 0; time < 10; time += 1) paced.reports.onWarning("LOG_CUT", "Cut.");
  expect(told.warnings).toHaveLength(1);
  clock.monotonic = () => start + 1_000;
  paced.reports.onWarning("LOG_CUT", "Cut.");
  expect(told.warnings.at(-1)?.message).toBe("Cut. It happened 10 times since the last such warning.");
});

test("takes 8,192 log lines a second, and counts the others", async () => {
  const { clock, told, paced, budget } = open();
  const log = (lines: number): number => {
    let taken = 0;
    for (let line = 0; line < lines; line += 1) {
      if (budget?.take() !== true) continue;
      budget.spend(0);
      taken += 1;
    }
    return taken;
  };
  expect(log(20_000)).toBe(8_192);
  await clock.advance(500);
  expect(log(20_000)).toBe(4_096);
  await clock.advance(60_000);
  expect(log(20_000)).toBe(8_192);
  paced.flush();
  expect(new Set(told.warnings.map(({ code }) => code))).toEqual(new Set(["LOG_DROPPED"]));
  const counted = told.warnings.map(({ message }) => Number(/happened (\d+) times/u.exec(message)?.[1] ?? 1));
  expect(counted.reduce((sum, count) => sum + count, 0)).toBe(3 * 20_000 - 8_192 - 4_096 - 8_192);
});

test("takes 4 MB of log lines a second", () => {
  const { budget } = open();
  let taken = 0;
  while (budget?.take() === true) {
    budget.spend(128 * 1024);
    taken += 1;
  }
  expect(taken).toBe(32);
});

test("takes no log line while those before it pile up", () => {
  let isCongested = true;
  const { told, budget } = open({ isCongested: () => isCongested });
  expect(budget?.take()).toBe(false);
  isCongested = false;
  expect(budget?.take()).toBe(true);
  expect(told.warnings).toMatchObject([{ code: "LOG_DROPPED" }]);
});
