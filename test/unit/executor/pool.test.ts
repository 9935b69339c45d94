import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { bodyOf, openReady, openScripted } from "../../fixtures/scripted-pool.ts";
import { invalidOption } from "../core/invalid.ts";

test("without spares none is started before it is needed, save the first", () => {
  const opened = openReady({ maxSize: 3, spares: 0 });
  opened.run("a");
  expect(opened.bodies).toHaveLength(1);
  opened.run("b");
  expect(opened.bodies).toHaveLength(2);
});

test("as many are started as long attempts wait, though only so many at once", async () => {
  const opened = openReady({ maxSize: 10, spares: 0 });
  for (let number = 0; number < 10; number += 1) opened.run(`task ${number}`);
  await opened.clock.advance(60);
  for (let next = 1; next < opened.bodies.length; next += 1) {
    const starting = opened.bodies.slice(next).length;
    expect(starting).toBeLessThanOrEqual(availableParallelism());
    bodyOf(opened, next).ready();
  }
  expect(opened.bodies.map(({ runs }) => runs.length)).toEqual(Array.from({ length: 10 }, () => 1));
});

test("a spare is started as soon as the last idle member has something to do, and only then", () => {
  const opened = openReady({ maxSize: 3, spares: 1 });
  expect(opened.bodies).toHaveLength(1);
  opened.run("a");
  expect(opened.bodies).toHaveLength(2);
  bodyOf(opened, 1).ready();
  expect(opened.bodies).toHaveLength(2);
  opened.run("b");
  expect(bodyOf(opened, 1).runs).toEqual(["b"]);
  expect(opened.bodies).toHaveLength(3);
});

test("a spare beyond the size of the pool waits until an attempt is killed, however long its end takes", async () => {
  const opened = openReady({ maxSize: 1, spares: 1 });
  const stubborn = opened.run("a");
  bodyOf(opened, 1).ready();
  opened.run("b");
  expect(bodyOf(opened, 1).runs).toEqual([]);
  stubborn.abort("abort", 100);
  await opened.clock.advance(100);
  expect(bodyOf(opened, 0).killed).toBe(true);
  // It is not gone yet, and no reason for the others to wait.
  opened.run("c");
  expect(bodyOf(opened, 1).runs).toEqual(["b"]);
  bodyOf(opened, 0).go();
  expect(await stubborn.outcome).toEqual({ kind: "killed" });
  bodyOf(opened, 1).settle();
  expect(bodyOf(opened, 1).runs).toEqual(["b", "c"]);
});

test("the spare runs what waits as soon as an attempt is killed, or has left a member that has to go", async () => {
  const opened = openReady({ maxSize: 1, spares: 1 });
  const stubborn = opened.run("a");
  bodyOf(opened, 1).ready();
  opened.run("b");
  opened.run("c");
  stubborn.abort("abort", 100);
  await opened.clock.advance(100);
  expect(bodyOf(opened, 1).runs).toEqual(["b"]);
  bodyOf(opened, 2).ready();
  bodyOf(opened, 1).settle({ swollen: true });
  expect(bodyOf(opened, 2).runs).toEqual(["c"]);
});

test("an abort that comes between a member's exit and its last words leaves no timer", async () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  const attempt = opened.run("a");
  bodyOf(opened, 0).exit();
  attempt.abort("abort", 60_000);
  bodyOf(opened, 0).go();
  expect(await attempt.outcome).toMatchObject({ kind: "failed" });
  void opened.pool.stop();
  bodyOf(opened, 1).go();
  expect(opened.clock.pendingTimers).toBe(0);
});

test("a member that does not get its tasks loaded is given up, and whoever waits for it is told", async () => {
  const opened = openScripted({ maxSize: 1, spares: 0 });
  const described = opened.pool.describe().catch((error: unknown) => error);
  await opened.clock.advance(59_999);
  expect(bodyOf(opened, 0).killed).toBe(false);
  await opened.clock.advance(1);
  expect(bodyOf(opened, 0).killed).toBe(true);
  bodyOf(opened, 0).go();
  expect(await described).toEqual(invalidOption("has not been loaded within 60 s"));
  const attempt = opened.run("a");
  await opened.clock.advance(61_000);
  bodyOf(opened, 1).go();
  expect(await attempt.outcome).toEqual({ kind: "blameless" });
  void opened.pool.stop();
  expect(opened.clock.pendingTimers).toBe(0);
});

test("a member that an attempt has left too large settles it, and goes", async () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  const first = opened.run("a");
  bodyOf(opened, 0).settle({ swollen: true });
  expect(await first.outcome).toEqual({ kind: "finished" });
  expect(bodyOf(opened, 0).wasAskedToLeave).toBe(true);
  opened.run("b");
  expect(bodyOf(opened, 0).runs).toEqual(["a"]);
  bodyOf(opened, 1).ready();
  expect(bodyOf(opened, 1).runs).toEqual(["b"]);
});

test("a member that declines an attempt goes, and another one runs it", () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  opened.run("a");
  bodyOf(opened, 0).settle();
  opened.run("b");
  bodyOf(opened, 0).say({ kind: "declined", run: 2 });
  expect(bodyOf(opened, 0).wasAskedToLeave).toBe(true);
  bodyOf(opened, 1).ready();
  expect(bodyOf(opened, 1).runs).toEqual(["b"]);
});

test("an attempt that is aborted before it is declined is over, and its member is killed", async () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  opened.run("a");
  bodyOf(opened, 0).settle();
  const aborted = opened.run("b");
  aborted.abort("abort", 1_000);
  bodyOf(opened, 0).say({ kind: "declined", run: 2 });
  expect(await aborted.outcome).toEqual({ kind: "blameless" });
  expect(bodyOf(opened, 0).killed).toBe(true);
  bodyOf(opened, 0).go();
  void opened.pool.stop();
  bodyOf(opened, 1).go();
  expect(opened.clock.pendingTimers).toBe(0);
});

test("what a member says after its end still counts, but it gets nothing more to do", async () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  const first = opened.run("a");
  opened.run("b");
  bodyOf(opened, 0).exited = true;
  bodyOf(opened, 0).settle();
  expect(bodyOf(opened, 0).runs).toEqual(["a"]);
  bodyOf(opened, 0).go();
  expect(await first.outcome).toEqual({ kind: "finished" });
  bodyOf(opened, 1).ready();
  expect(bodyOf(opened, 1).runs).toEqual(["b"]);
});
