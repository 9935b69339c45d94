import { expect, test } from "vitest";
import { request } from "../../fixtures/requests.ts";
import { bodyOf, openReady } from "../../fixtures/scripted-pool.ts";

test("where the system gives none, no attempt is to blame, and it is tried again until it does", async () => {
  const opened = openReady({ maxSize: 10, spares: 0 });
  const running = opened.run("a");
  opened.refuse(true);
  const attempts = [opened.run("b"), opened.run("c")];
  for (const { outcome } of attempts) expect(await outcome).toEqual({ kind: "blameless" });
  expect(opened.unavailable).toEqual([{ cannotStart: true, functions: new Set(["a", "b", "c", "d", "e"]) }]);
  expect(opened.warnings).toEqual([expect.stringMatching(/^WORKER_CANNOT_START Queue "emails" .*no process$/u)]);
  expect(await opened.run("d").outcome).toEqual({ kind: "blameless" });
  bodyOf(opened, 0).settle();
  expect(await running.outcome).toEqual({ kind: "finished" });
  opened.refuse(false);
  await opened.clock.advance(1_000);
  bodyOf(opened, 1).ready();
  expect(opened.unavailable.at(-1)).toEqual({ cannotStart: false, functions: new Set() });
  opened.run("e");
  expect(bodyOf(opened, 1).runs).toEqual(["e"]);
});

test("starts that fail are tried again after a second, then after twice as long each time, up to 30 s", async () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  bodyOf(opened, 0).go();
  await opened.clock.advance(1_000);
  opened.refuse(true);
  opened.run("a");
  for (const delayMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    const before = opened.tries.length;
    await opened.clock.advance(delayMs - 1);
    expect(opened.tries).toHaveLength(before);
    await opened.clock.advance(1);
    expect(opened.tries).toHaveLength(before + 1);
  }
  // The same is said again once a minute.
  expect(opened.warnings).toHaveLength(2);
});

test("an attempt whose function a later member does not have is left to others, until one has it again", async () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  const exits = opened.run("a");
  const waits = opened.run("b");
  bodyOf(opened, 0).go();
  expect(await exits.outcome).toMatchObject({ kind: "failed" });
  bodyOf(opened, 1).ready(["a", "c"]);
  expect(await waits.outcome).toEqual({ kind: "blameless" });
  expect(opened.unavailable).toMatchObject([{ cannotStart: false, functions: new Set(["b", "d", "e"]) }]);
  expect(opened.warnings).toEqual([expect.stringContaining('FUNCTION_MISSING The tasks module of queue "emails"')]);
  expect(await opened.run("b").outcome).toEqual({ kind: "blameless" });
  opened.run("c");
  expect(bodyOf(opened, 1).runs).toEqual(["c"]);
  bodyOf(opened, 1).go();
  opened.run("a");
  bodyOf(opened, 2).ready();
  expect(opened.unavailable.at(-1)).toEqual({ cannotStart: false, functions: new Set() });
});

test("an attempt begins when a member is given it, and waits again where that declines it", () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  const heard: string[] = [];
  const asked = request("b", [], { onBegin: () => heard.push("begins"), onWait: () => heard.push("waits") });
  opened.run("a");
  opened.pool.run(asked);
  expect(heard).toEqual(["waits"]);
  bodyOf(opened, 0).settle();
  expect(heard).toEqual(["waits", "begins"]);
  bodyOf(opened, 0).say({ kind: "declined", run: 2 });
  expect(heard).toEqual(["waits", "begins", "waits"]);
});

test("what an earlier attempt has left may end the member, and the attempt that runs is not to blame", async () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  const disturbed = opened.run("a");
  bodyOf(opened, 0).say({ kind: "strayExit", run: 1, message: "It was another." });
  bodyOf(opened, 0).go();
  expect(await disturbed.outcome).toEqual({ kind: "blameless" });
  expect(opened.warnings).toEqual(["STRAY_EXIT It was another."]);
});

test("an attempt that was on its way to a member that exits for an earlier one runs in another", () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  opened.run("a");
  bodyOf(opened, 0).say({ kind: "strayExit", message: "It was another." });
  bodyOf(opened, 0).go();
  bodyOf(opened, 1).ready();
  expect(bodyOf(opened, 1).runs).toEqual(["a"]);
});

test("an outcome that comes in the moment in which the grace ends still counts", async () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  const late = opened.run("a");
  late.abort("shutdown", 100);
  await opened.clock.advance(100);
  bodyOf(opened, 0).settle();
  bodyOf(opened, 0).go();
  expect(await late.outcome).toEqual({ kind: "finished" });
});
