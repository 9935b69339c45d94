import { Stage3Error } from "../errors.ts";
import { showValue } from "../show-value.ts";

/** What a duration may be, for messages. */
export const DURATION_FORMS = 'a duration: milliseconds, or a string like "250ms", "1.5s", "30s", "5m", "2h" or "7d"';

/** What a retention may be, for messages. */
export const RETENTION_FORMS: string = `"forever", or ${DURATION_FORMS}`;

/** The longest duration, 100 years: any moment plus a duration remains a whole number that every store can hold. */
export const LONGEST_DURATION_MS: number = 36_500 * 86_400_000;

/**
 * A duration in whole milliseconds: a finite number of them (0 or more), or a string of a number and a unit, `ms`, `s`,
 * `m`, `h` or `d`. Fractions of a millisecond are rounded, but what is more than 0 never becomes 0.
 *
 * @throws Stage3Error `INVALID_OPTION`, naming `option`.
 */
export function parseDuration(value: unknown, option: string): number {
  const durationMs = durationFrom(value);
  if (durationMs === undefined) throw notAllowed(option, DURATION_FORMS, value);
  return durationMs;
}

/**
 * How long ended tasks are kept, in milliseconds: a duration, or "forever", which is `Infinity`.
 *
 * @throws Stage3Error `INVALID_OPTION`, naming `option`.
 */
export function parseRetention(value: unknown, option: string): number {
  const retentionMs = retentionFrom(value);
  if (retentionMs === undefined) throw notAllowed(option, RETENTION_FORMS, value);
  return retentionMs;
}

/** As {@link parseDuration}; `undefined` for anything else. */
export function durationFrom(value: unknown): number | undefined {
  const durationMs = typeof value === "string" ? fromText(value) : value;
  if (typeof durationMs !== "number" || !(durationMs >= 0 && durationMs <= LONGEST_DURATION_MS)) return undefined;
  if (durationMs === 0) return 0;
  return Math.max(1, Math.round(durationMs));
}

/** As {@link parseRetention}; `undefined` for anything else. */
export function retentionFrom(value: unknown): number | undefined {
  return value === "forever" ? Infinity : durationFrom(value);
}

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

function fromText(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d{1,15}(?:\.\d{1,15})?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const unitMs = UNIT_MS.get(unit);
  return amount === undefined || unitMs === undefined ? undefined : Number(amount) * unitMs;
}

function notAllowed(option: string, allowed: string, value: unknown): Stage3Error {
  return new Stage3Error("INVALID_OPTION", `${option} must be ${allowed}, not ${showValue(value)}.`);
}
