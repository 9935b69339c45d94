import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  durationFrom,
  LONGEST_DURATION_MS,
  parseDuration,
  parseRetention,
} from "../../../src/core/options/durations.ts";
import { invalidOption } from "./invalid.ts";

test.each([
  [0, 0],
  [1500, 1500],
  ["250ms", 250],
  ["1.5s", 1500],
  ["30s", 30_000],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["7d", 604_800_000],
  ["0s", 0],
])("%j is %d ms", (value, expected) => {
  expect(parseDuration(value, "timeout")).toBe(expected);
});

test.each([
  [-1],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  ["30"],
  ["30 s"],
  ["-1s"],
  ["1e3s"],
  [".5s"],
  ["5w"],
  ["5M"],
  [" 5m"],
  ["5m\n"],
  [""],
  ["forever"],
  [null],
  [undefined],
  [true],
  [[5]],
  [{}],
  [5n],
  [LONGEST_DURATION_MS + 1],
  ["36501d"],
])("%o is no duration", (value) => {
  expect(() => parseDuration(value, "queues.emails.timeout")).toThrow(invalidOption("queues.emails.timeout must be"));
});

test("the message says what is allowed, and what was given", () => {
  const message = expect.stringMatching(/"30s".*not "soon"/u) as string;
  expect(() => parseDuration("soon", "lease")).toThrow(expect.objectContaining({ message }));
});

test("a message shows a long value only in part", () => {
  const message = expect.stringMatching(/^.{1,300}$/u) as string;
  expect(() => parseDuration("x".repeat(1_000_000), "lease")).toThrow(expect.objectContaining({ message }));
});

test("fractions of a millisecond are rounded, but never down to no time at all", () => {
  expect(parseDuration(1.6, "timeout")).toBe(2);
  expect(parseDuration(0.1, "timeout")).toBe(1);
  expect(parseDuration("1.1s", "timeout")).toBe(1100);
});

test("each number of a unit is that many units", () => {
  const units = [["ms", 1] as const, ["s", 1e3] as const, ["m", 6e4] as const, ["h", 3.6e6] as const];
  fc.assert(
    fc.property(fc.nat({ max: 100_000 }), fc.constantFrom(...units), (amount, [unit, unitMs]) => {
      expect(parseDuration(`${amount}${unit}`, "timeout")).toBe(amount * unitMs);
    }),
  );
});

test("whatever is given, a duration is a whole number that can be added to any moment", () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.double(), fc.string()), (value) => {
      const durationMs = durationFrom(value);
      if (durationMs === undefined) return;
      expect(durationMs).toBeGreaterThanOrEqual(0);
      expect(Number.isSafeInteger(Date.UTC(2200, 0) + durationMs)).toBe(true);
    }),
  );
});

test('a retention may be "forever"', () => {
  expect(parseRetention("forever", "retention.dlq")).toBe(Number.POSITIVE_INFINITY);
  expect(parseRetention("7d", "retention.dlq")).toBe(604_800_000);
});

test("what is no retention is refused with all that is allowed", () => {
  expect(() => parseRetention("for ever", "retention.dlq")).toThrow(invalidOption('retention.dlq must be "forever"'));
});
