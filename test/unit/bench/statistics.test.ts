import { expect, test } from "vitest";
import { median, percentile } from "../../../bench/harness/statistics.ts";

test("the median of an odd number of values is one of them", () => {
  expect(median([30, 10, 20])).toBe(20);
  expect(median([7])).toBe(7);
});

test("a percentile is the smallest value that so many are not above", () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);
  expect(percentile(values, 0.5)).toBe(100);
  expect(percentile(values, 0.99)).toBe(198);
  expect(percentile(values, 1)).toBe(200);
  expect(percentile(values, 0)).toBe(1);
});

test("nothing has no median", () => {
  expect(() => median([])).toThrow(RangeError);
});
