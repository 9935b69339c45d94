import { once } from "node:events";
import { Worker } from "node:worker_threads";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createIdGenerator, isTaskId, toTaskId } from "../../../src/core/ids.ts";
import { type Random, systemRandom } from "../../../src/core/random.ts";

const NOW = Date.UTC(2026, 10, 24);

/** Answers with the moments one after another, then with the last one for ever. */
function clockOf(...moments: readonly number[]): { now(): number } {
  let index = 0;
  return { now: () => moments[Math.min(index++, moments.length - 1)] ?? NOW };
}

function filledWith(byte: number): Random {
  return { fraction: () => 0, fill: (bytes) => void bytes.fill(byte) };
}

function millisecondOf(id: string | undefined): number {
  return Number.parseInt(id?.replaceAll("-", "").slice(0, 12) ?? "", 16);
}

/** The first id that does not rise above the one before it. */
function firstFall(ids: readonly string[]): string | undefined {
  return ids.find((id, index) => index > 0 && !((ids[index - 1] ?? "") < id));
}

describe("ids", () => {
  test("are laid out as RFC 9562 has it for version 7", () => {
    const nextId = createIdGenerator(clockOf(0x0123_4567_89ab), filledWith(0xff));
    expect(nextId()).toBe("01234567-89ab-77ff-bfff-ffffffffffff");
    expect(createIdGenerator(clockOf(0), filledWith(0))()).toBe("00000000-0000-7000-8000-000000000000");
  });

  test("are UUIDs of version 7 at any moment", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 47 }), (now) => {
        const id = createIdGenerator(clockOf(now), systemRandom)();
        expect(isTaskId(id)).toBe(true);
        expect(millisecondOf(id)).toBe(now);
      }),
    );
  });

  test("rise within a millisecond", () => {
    const nextId = createIdGenerator(clockOf(NOW), systemRandom);
    const ids = Array.from({ length: 100_000 }, nextId);
    expect(firstFall(ids)).toBeUndefined();
    expect(millisecondOf(ids.at(-1))).toBe(NOW);
  });

  test("rise when the clock goes back, and keep the latest millisecond", () => {
    const nextId = createIdGenerator(clockOf(NOW, NOW - 5_000, NOW - 1, NOW - 3_600_000, NOW + 1), systemRandom);
    const ids = Array.from({ length: 5 }, nextId);
    expect(firstFall(ids)).toBeUndefined();
    expect(ids.map(millisecondOf)).toEqual([NOW, NOW, NOW, NOW, NOW + 1]);
  });

  test("rise whatever the clock does", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 200 }), (steps) => {
        const nextId = createIdGenerator(clockOf(...steps.map((step) => NOW + step)), systemRandom);
        expect(firstFall(steps.map(nextId))).toBeUndefined();
      }),
    );
  });

  test("rise when the counter of a millisecond is used up: the next one is taken early", { timeout: 60_000 }, () => {
    const nextId = createIdGenerator(clockOf(NOW), filledWith(0xff));
    // The counter starts at the end of its lower half, so that the upper half is left.
    let last = nextId();
    for (let index = 0; index < 2 ** 25; index++) last = nextId();
    expect(last).toMatch(/-7fff-bfff-/u);
    const next = nextId();
    expect(millisecondOf(next)).toBe(NOW + 1);
    expect(firstFall([last, next, nextId()])).toBeUndefined();
  });

  test("end in 48 bits that are random anew for each", () => {
    const nextId = createIdGenerator(clockOf(NOW), systemRandom);
    const tails = new Set(Array.from({ length: 10_000 }, () => nextId().slice(-12)));
    expect(tails.size).toBe(10_000);
  });

  test("start each millisecond at a random counter", () => {
    const moments = Array.from({ length: 1_000 }, (_, index) => NOW + index);
    const nextId = createIdGenerator(clockOf(...moments), systemRandom);
    const counters = new Set(moments.map(() => nextId().slice(14, 23)));
    expect(counters.size).toBeGreaterThan(990);
  });

  test("are distinct, a million of them from four threads", async () => {
    const workers = Array.from(
      { length: 4 },
      () => new Worker(new URL("../../fixtures/make-ids.ts", import.meta.url), { workerData: { count: 250_000 } }),
    );
    const ids = await Promise.all(
      workers.map(async (worker) => {
        const ended = once(worker, "exit");
        const [made] = (await once(worker, "message")) as [string[]];
        await ended;
        return made;
      }),
    );
    expect(new Set(ids.flat()).size).toBe(1_000_000);
  });
});

describe("the text of an id", () => {
  const id = "01a20beb-cb04-7127-9c45-568b6650c5ce";

  test("may be in upper case, and is kept in lower case", () => {
    expect(isTaskId(id.toUpperCase())).toBe(true);
    expect(toTaskId(id.toUpperCase())).toBe(id);
    expect(toTaskId(id)).toBe(id);
  });

  test.each([
    [""],
    ["1"],
    ["01a20beb-cb04-4127-9c45-568b6650c5ce"],
    ["01a20beb-cb04-7127-cc45-568b6650c5ce"],
    ["01a20bebcb0471279c45568b6650c5ce"],
    ["01a20beb-cb04-7127-9c45-568b6650c5cg"],
    [`${id}\n`],
    [` ${id}`],
    [`{${id}}`],
    [[id]],
    [undefined],
    [null],
    [7],
  ])("is not %j", (text) => {
    expect(isTaskId(text)).toBe(false);
    expect(toTaskId(text)).toBeUndefined();
  });
});
