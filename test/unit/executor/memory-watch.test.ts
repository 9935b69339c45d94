import { expect, test } from "vitest";
import { MemoryLimit } from "../../../src/executor/entry/memory-limit.ts";
import { MemoryWatch } from "../../../src/executor/entry/memory-watch.ts";
import { ResidentBytes } from "../../../src/executor/entry/resident-bytes.ts";

const TOO_LITTLE = 1024;
const ENOUGH = 2 ** 45;

function watched(): { limit: MemoryLimit; watch: MemoryWatch; woken: () => number } {
  const limit = new MemoryLimit();
  let woken = 0;
  return { limit, watch: new MemoryWatch(limit, () => void (woken += 1)), woken: () => woken };
}

test("the size of a process is that which Node tells, and grows with what it takes", () => {
  const resident = new ResidentBytes();
  const before = resident.read();
  expect(Math.abs(before - process.memoryUsage.rss())).toBeLessThan(20 * 2 ** 20);
  const taken = Buffer.alloc(64 * 2 ** 20, 1);
  expect(resident.read() - before).toBeGreaterThan(0.8 * taken.length);
});

test("an attempt that leaves its process small enough is fit", () => {
  const { watch } = watched();
  expect(watch.begin(1, ENOUGH)).toBe(true);
  expect(watch.end(1, ENOUGH)).toBe("fit");
  expect(watch.begin(2, ENOUGH)).toBe(true);
});

test("a process that is too large begins nothing, unless it never ran anything", () => {
  const { watch } = watched();
  expect(watch.begin(1, TOO_LITTLE)).toBe(true);
  expect(watch.end(1, TOO_LITTLE)).toBe("swollen");
  expect(watch.begin(2, TOO_LITTLE)).toBe(false);
});

test("who comes first decides: an attempt that is being killed does not end, one that has ended is not killed", () => {
  const { limit, watch } = watched();
  watch.begin(1, TOO_LITTLE);
  expect(limit.current()).toEqual({ run: 1, limitBytes: TOO_LITTLE });
  expect(limit.condemn(1)).toBe(true);
  expect(watch.end(1, TOO_LITTLE)).toBe("condemned");
  expect(limit.current()).toBeUndefined();

  const other = watched();
  other.watch.begin(1, ENOUGH);
  expect(other.watch.end(1, ENOUGH)).toBe("fit");
  expect(other.limit.current()).toBeUndefined();
  expect(other.limit.condemn(1)).toBe(false);
  other.watch.begin(2, ENOUGH);
  expect(other.limit.condemn(1)).toBe(false);
});

test("the watchdog is woken once, and again only after it went to sleep", () => {
  const { limit, watch, woken } = watched();
  watch.begin(1, ENOUGH);
  watch.end(1, ENOUGH);
  watch.begin(2, ENOUGH);
  expect(woken()).toBe(1);
  expect(limit.sleep()).toBe(false);
  watch.end(2, ENOUGH);
  watch.begin(3, ENOUGH);
  watch.end(3, ENOUGH);
  expect(woken()).toBe(1);
  expect(limit.sleep()).toBe(true);
  watch.begin(4, ENOUGH);
  expect(woken()).toBe(2);
});

test("a limit of terabytes fits", () => {
  const limit = new MemoryLimit();
  limit.begin(1, 2 ** 50);
  expect(limit.current()?.limitBytes).toBeGreaterThan(2 ** 40);
  expect(new MemoryLimit(limit.buffer).current()?.run).toBe(1);
});
