import { expect, test } from "vitest";
import { ProgressPacer } from "../../../src/executor/progress-pacer.ts";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";

test("a million values in one go are a few, the first and the last among them", async () => {
  const clock = new VirtualClock();
  const passed: string[] = [];
  const pacer = new ProgressPacer(clock, (progress) => passed.push(progress));
  for (let step = 0; step < 1_000_000; step += 1) pacer.push(String(step));
  expect(passed).toEqual(["0"]);
  await clock.advance(50);
  expect(passed).toEqual(["0", "999999"]);
  pacer.push("a");
  pacer.push("b");
  pacer.flush();
  expect(passed).toEqual(["0", "999999", "b"]);
  expect(clock.pendingTimers).toBe(0);
});
