import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backoffDelayMs } from "../../../src/core/backoff.ts";
import type { Random } from "../../../src/core/random.ts";

function always(fraction: number): Random {
  return { fraction: () => fraction, fill: (bytes) => void bytes.fill(0) };
}

const LARGEST_FRACTION = 1 - Number.EPSILON / 2;
const restarts = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
const fractions = fc.double({ min: 0, max: LARGEST_FRACTION, noNaN: true });
const caps = fc.nat({ max: 1_000_000_000 });

describe("the wait before a restart", () => {
  test.each([
    [1, 2_000],
    [2, 4_000],
    [3, 8_000],
    [10, 1_024_000],
  ])("before restart %d is %d ms and the jitter", (restart, delayMs) => {
    expect(backoffDelayMs(restart, 1e9, always(0))).toBe(delayMs);
    expect(backoffDelayMs(restart, 1e9, always(LARGEST_FRACTION))).toBe(delayMs + 100);
  });

  test("is cut at the longest wait, jitter included", () => {
    expect(backoffDelayMs(3, 8_050, always(LARGEST_FRACTION))).toBe(8_050);
    expect(backoffDelayMs(4, 10_000, always(0))).toBe(10_000);
  });

  test("is none when the longest wait is 0", () => {
    fc.assert(
      fc.property(restarts, fractions, (restart, fraction) => {
        expect(backoffDelayMs(restart, 0, always(fraction))).toBe(0);
      }),
    );
  });

  test("lies between its bounds, however large the restart is", () => {
    fc.assert(
      fc.property(restarts, caps, fractions, (restart, capMs, fraction) => {
        const delayMs = backoffDelayMs(restart, capMs, always(fraction));
        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(Math.min(2 ** restart * 1_000, capMs));
        expect(delayMs).toBeLessThanOrEqual(Math.min(2 ** restart * 1_000 + 100, capMs));
      }),
    );
  });

  test("never shrinks from one restart to the next, nor when the longest wait grows", () => {
    fc.assert(
      fc.property(restarts, caps, fc.tuple(fractions, fractions), (restart, capMs, [fraction, other]) => {
        const delayMs = backoffDelayMs(restart, capMs, always(fraction));
        expect(backoffDelayMs(restart + 1, capMs, always(other))).toBeGreaterThanOrEqual(delayMs);
        expect(backoffDelayMs(restart, capMs + 1, always(fraction))).toBeGreaterThanOrEqual(delayMs);
      }),
    );
  });
});
