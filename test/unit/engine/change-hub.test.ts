import { expect, test } from "vitest";
import { sleep } from "../../../src/core/clock.ts";
import { ChangeHub } from "../../../src/engine/change-hub.ts";
import { Watching } from "../../../src/engine/duties/watching.ts";
import { type Storage, StorageBusy, type TaskChange } from "../../../src/storage/port.ts";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";

const CHANGE: TaskChange = { task: "a", topic: "default", from: "ready", to: "aborted" };

function openHub(): { hub: ChangeHub; clock: VirtualClock; away: Error[] } {
  const clock = new VirtualClock();
  const away: Error[] = [];
  return { hub: new ChangeHub({ clock, away: (error) => away.push(error) }), clock, away };
}

test("tells every subscriber of a change, in the order in which they came", () => {
  const { hub } = openHub();
  const told: unknown[] = [];
  const first = { changed: (changes: readonly TaskChange[]) => told.push(["first", changes]) };
  hub.subscribe(first);
  hub.subscribe({ changed: (changes) => told.push(["second", changes]) });
  hub.tell([]);
  hub.tell([CHANGE]);
  hub.unsubscribe(first);
  hub.tell([CHANGE]);
  expect(told).toEqual([
    ["first", [CHANGE]],
    ["second", [CHANGE]],
    ["second", [CHANGE]],
  ]);
});

test("looks once more for all that comes while it looks, after as long a rest as the look took", async () => {
  const { hub, clock } = openHub();
  const looks: number[] = [];
  hub.subscribe({
    async look() {
      looks.push(clock.monotonic());
      await sleep(clock, 100);
    },
  });
  const start = clock.monotonic();
  hub.lookAround();
  await clock.advance(50);
  hub.lookAround();
  hub.lookAround();
  await clock.advance(1_000);
  expect(looks.map((at) => at - start)).toEqual([0, 200]);
});

test("looks again where somebody could not, and lets the others look all the same", async () => {
  const { hub, clock, away } = openHub();
  const failures = [new StorageBusy("locked"), new Error("gone")];
  let others = 0;
  hub.subscribe({
    look() {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
    },
  });
  hub.subscribe({ look: () => void (others += 1) });
  hub.lookAround();
  await clock.advance(1_000);
  expect(others).toBe(3);
  expect(away).toEqual([new Error("gone")]);
  expect(clock.pendingTimers).toBe(0);
});

test("looks no more once it is closed", async () => {
  const { hub, clock } = openHub();
  let looks = 0;
  hub.subscribe({
    look() {
      looks += 1;
      throw new StorageBusy("locked");
    },
  });
  hub.lookAround();
  await clock.settle();
  await hub.close();
  hub.lookAround();
  await clock.advance(1_000);
  expect(looks).toBe(1);
  expect(clock.pendingTimers).toBe(0);
});

test("a storage is watched for as long as somebody needs it, and a second longer", async () => {
  const { hub, clock } = openHub();
  let watches = 0;
  const watch = (): { stop(): void } => {
    watches += 1;
    return { stop: () => void (watches -= 1) };
  };
  const watching = new Watching({ storage: { watch } as unknown as Storage, clock, hub });
  watching.start();
  watching.start();
  watching.stop();
  await clock.advance(5_000);
  expect(watches).toBe(1);
  watching.stop();
  await clock.advance(500);
  watching.start();
  await clock.advance(5_000);
  expect(watches).toBe(1);
  watching.stop();
  await clock.advance(1_000);
  expect(watches).toBe(0);
  expect(clock.pendingTimers).toBe(0);
});
