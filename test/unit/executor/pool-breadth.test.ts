import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { bodyOf, openReady, type OpenedPool, type ScriptedBody } from "../../fixtures/scripted-pool.ts";

const FEW = 2 * availableParallelism();
const SLOTS = FEW + 36;

/** As an Engine does it, a new attempt comes for each that has ended. */
function fill(opened: OpenedPool): void {
  for (let count = 0; count < SLOTS; count += 1) runAgain(opened);
}

function runAgain(opened: OpenedPool): void {
  void opened.run("a").outcome.then(() => runAgain(opened));
}

/** For so long each attempt takes `attemptMs`; what is started is ready at once. */
async function work(
  opened: OpenedPool,
  ms: number,
  attempt: { readonly ms: number; readonly waited?: true },
): Promise<void> {
  for (let passed = 0; passed < ms; passed += attempt.ms) {
    await opened.clock.advance(attempt.ms);
    for (const body of opened.bodies) if (isRunning(body)) body.settle(attempt.waited === true ? { waited: true } : {});
    makeReady(opened);
    await opened.clock.settle();
    makeReady(opened);
  }
}

const ready = new WeakSet<ScriptedBody>();
function makeReady({ bodies }: OpenedPool): void {
  for (const body of bodies.slice(1)) if (!ready.has(body)) ready.add(body.ready());
}

function isRunning(body: ScriptedBody): boolean {
  return body.isRunning;
}

function runningIn({ bodies }: OpenedPool): number {
  return bodies.filter(isRunning).length;
}

test("short attempts are served by a few members, however many attempts wait", async () => {
  const opened = openReady({ maxSize: SLOTS, spares: 0 });
  fill(opened);
  await work(opened, 200, { ms: 5 });
  expect(opened.bodies).toHaveLength(FEW);
});

test("attempts that wait for something get a member each, though they are short", async () => {
  const opened = openReady({ maxSize: SLOTS, spares: 0 });
  fill(opened);
  await work(opened, 200, { ms: 5, waited: true });
  expect(opened.bodies).toHaveLength(SLOTS);
});

test("long attempts get a member each within a second", async () => {
  const opened = openReady({ maxSize: SLOTS, spares: 0 });
  fill(opened);
  for (let passed = 0; passed < 1_000 && runningIn(opened) < SLOTS; passed += 10) {
    await opened.clock.advance(10);
    makeReady(opened);
  }
  expect(runningIn(opened)).toBe(SLOTS);
  expect(bodyOf(opened, 0).runs).toEqual(["a"]);
});

test("members that have been there for others are left idle by short attempts", async () => {
  const opened = openReady({ maxSize: SLOTS, spares: 0 });
  fill(opened);
  await work(opened, 200, { ms: 5, waited: true });
  expect(runningIn(opened)).toBe(SLOTS);
  await work(opened, 1_100, { ms: 5 });
  expect(runningIn(opened)).toBe(FEW);
  // And are there for those that come then.
  await opened.clock.advance(100);
  expect(runningIn(opened)).toBe(SLOTS);
});
