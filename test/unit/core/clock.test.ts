import { expect, it, onTestFinished, vi } from "vitest";

const DAY_MS = 86_400_000;

it("keeps a timer that is longer than Node's longest, and takes it back in any part of it", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  // It takes the timers that are there when it is loaded.
  vi.resetModules();
  const { systemClock } = await import("../../../src/core/clock.ts");
  const fired = vi.fn<() => void>();
  const takenBack = vi.fn<() => void>();
  systemClock.setTimer(60 * DAY_MS, fired);
  const timer = systemClock.setTimer(60 * DAY_MS, takenBack);
  vi.advanceTimersByTime(60 * DAY_MS - 1);
  expect(fired).not.toHaveBeenCalled();
  timer.cancel();
  vi.advanceTimersByTime(1);
  expect(fired).toHaveBeenCalledOnce();
  expect(takenBack).not.toHaveBeenCalled();
});
