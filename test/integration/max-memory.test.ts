import { describe, expect, test } from "vitest";
import { goneAfterMs, isAlive } from "../fixtures/liveness.ts";
import { openPool, PROCESSES, start, type StartedAttempt, type TestedPool } from "../fixtures/pools.ts";
import { request } from "../fixtures/requests.ts";

const MB = 1024 ** 2;

/** A child of these tests takes some 120 MB by itself, since Node has to strip the types of all that it loads. */
const LIMIT_BYTES = 200 * MB;

function runWithin({ pool }: TestedPool, maxMemoryBytes: number, name: string, ...args: unknown[]): StartedAttempt {
  return start(pool, request(name, args, { maxMemoryBytes }));
}

describe("an attempt that makes its process larger than maxMemory", () => {
  test.each([
    ["with Buffers, without a pause", "takeBuffers", [400]],
    ["with objects of the heap, without a pause", "manyObjects", []],
  ])("%s is killed and told so, and the next one runs", async (_, name, args) => {
    const tested = openPool(PROCESSES);
    const outcome = await runWithin(tested, LIMIT_BYTES, name, ...args).outcome;
    expect(outcome).toMatchObject({ kind: "failed", failure: { code: "TASK_OUT_OF_MEMORY" } });
    if (outcome.kind === "failed") {
      expect(outcome.failure.message).toMatch(
        /^The process took [2-9]\d\d MB of memory and was killed: maxMemory is 200 MB\. Handle less at a time, or raise maxMemory\.$/,
      );
    }
    expect(tested.started.slice(0, 1).some(isAlive)).toBe(false);
    expect(await tested.run("id").outcome).toMatchObject({ kind: "finished" });
  });

  test("is killed with the processes that it started", async () => {
    const tested = openPool(PROCESSES);
    const attempt = runWithin(tested, 20 * MB, "family", false);
    const pids = (await attempt.begun) as number[];
    expect(await attempt.outcome).toMatchObject({ failure: { code: "TASK_OUT_OF_MEMORY" } });
    expect(await goneAfterMs(pids)).toBeLessThan(100);
  });

  test("though it has only just begun, because the process alone is larger, fails, and is not begun again and again", async () => {
    const tested = openPool(PROCESSES);
    const attempt = runWithin(tested, 20 * MB, "ignore");
    expect(await attempt.outcome).toMatchObject({ failure: { code: "TASK_OUT_OF_MEMORY" } });
    expect(attempt.told.logs).toHaveLength(1);
  });
});

test("an attempt that stays within its limit leaves its child in use", async () => {
  const tested = openPool(PROCESSES);
  const first = await runWithin(tested, LIMIT_BYTES, "idAfter", 120).outcome;
  expect(first).toMatchObject({ kind: "finished" });
  expect(await runWithin(tested, LIMIT_BYTES, "id").outcome).toEqual(first);
});

test("a limit ends with its attempt", async () => {
  const tested = openPool(PROCESSES);
  const first = await runWithin(tested, LIMIT_BYTES, "id").outcome;
  expect(await tested.run("takeBuffers", 200).outcome).toEqual(first);
  expect(await tested.run("idAfter", 120).outcome).toEqual(first);
  expect(tested.started).toHaveLength(1);
});

test("what an attempt leaves behind is not laid to the next one, which gets another child", async () => {
  const tested = openPool(PROCESSES);
  const first = await tested.run("takeBuffers", 200).outcome;
  expect(first).toMatchObject({ kind: "finished" });
  const second = await runWithin(tested, LIMIT_BYTES, "idAfter", 120).outcome;
  expect(second).toMatchObject({ kind: "finished" });
  expect(second).not.toEqual(first);
  await tested.until(() => tested.members.size === 1);
  expect(tested.started).toHaveLength(2);
});

test("an attempt that was passed on can still be aborted, as the first one of its new child", async () => {
  const tested = openPool(PROCESSES);
  await tested.run("takeBuffers", 200).outcome;
  const attempt = runWithin(tested, LIMIT_BYTES, "ignore");
  await attempt.begun;
  attempt.abort("abort", 0);
  expect(await attempt.outcome).toEqual({ kind: "killed" });
});
