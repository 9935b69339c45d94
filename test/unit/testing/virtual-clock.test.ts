import { expect, it } from "vitest";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";

it("stands still until it is moved", async () => {
  const clock = new VirtualClock(1_000);
  await clock.settle();
  expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0]);
  await clock.advance(500);
  expect([clock.now(), clock.monotonic()]).toEqual([1_500, 500]);
});

it("fires each timer at its moment, those of one moment in the order they were set", async () => {
  const clock = new VirtualClock(0);
  const fired: string[] = [];
  const set = (name: string, delayMs: number): void => {
    clock.setTimer(delayMs, () => void fired.push(`${name} at ${clock.now()}`));
  };
  set("second", 20);
  set("first", 10);
  set("third", 20);
  set("later", 31);
  clock.setTimer(15, () => set("from a timer", 10));
  clock.setTimer(5, () => void fired.push("cancelled")).cancel();
  await clock.advance(30);
  expect(fired).toEqual(["first at 10", "second at 20", "third at 20", "from a timer at 25"]);
  expect(clock.pendingTimers).toBe(1);
});

it("lets what follows from a timer happen before the next one fires", async () => {
  const clock = new VirtualClock(0);
  const happened: string[] = [];
  const later = (): void => clock.defer(() => void happened.push(`deferred at ${clock.now()}`));
  clock.setTimer(10, () => void Promise.resolve().then(() => clock.defer(later)));
  clock.setTimer(11, () => void happened.push("next"));
  await clock.advance(20);
  expect(happened).toEqual(["deferred at 10", "next"]);
});

it("fires one timer where only the next is asked for", async () => {
  const clock = new VirtualClock(0);
  const fired: number[] = [];
  for (const at of [60_000, 10]) clock.setTimer(at, () => void fired.push(clock.now()));
  expect(await clock.advanceToNext()).toBe(true);
  expect(fired).toEqual([10]);
  expect(await clock.advanceToNext()).toBe(true);
  expect(await clock.advanceToNext()).toBe(false);
  expect(fired).toEqual([10, 60_000]);
});

it("never goes back where two move it at once", async () => {
  const clock = new VirtualClock(0);
  await Promise.all([clock.advance(50), clock.advance(10)]);
  expect(clock.monotonic()).toBe(50);
});

it("moves the wall clock alone when that jumps", () => {
  const clock = new VirtualClock(1_000);
  clock.jump(-400);
  expect([clock.now(), clock.monotonic()]).toEqual([600, 0]);
});
