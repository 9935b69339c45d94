import { array, assert, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "../../../src/storage/heap.ts";

function drain(heap: Heap<number>): number[] {
  const items: number[] = [];
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) items.push(item);
  return items;
}

test("gives its items back in order, also after some were dropped", () => {
  assert(
    property(array(integer()), integer(), (items, divisor) => {
      const heap = new Heap<number>((a, b) => a < b);
      for (const item of items) heap.push(item);
      expect(heap.size).toBe(items.length);
      expect(heap.peek()).toBe(items.length === 0 ? undefined : Math.min(...items));
      heap.filter((item) => item >= divisor);
      expect(drain(heap)).toEqual(items.filter((item) => item >= divisor).toSorted((a, b) => a - b));
    }),
  );
});
