import { type ErrorCode, Stage3Error } from "../errors.ts";
import { isName, NAME_FORMS } from "../names.ts";
import { LONGEST_DURATION_MS, parseDuration } from "./durations.ts";
import { showValue } from "../show-value.ts";
import { parseSize, showSize } from "./sizes.ts";

/** Reads one option's value; `option` names it in the error's message, `code` is that of the error. */
export type ReadValue<Value> = (value: unknown, option: string, code?: ErrorCode) => Value;

/** What a priority may be, for messages. */
export const PRIORITY_FORMS: string = "a whole number from 1 (the most urgent) to 10";

/** A priority. @throws Stage3Error with `code`. */
export function readPriority(value: unknown, option: string, code: ErrorCode = "INVALID_OPTION"): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 10) return value;
  throw new Stage3Error(code, `${option} must be ${PRIORITY_FORMS}, not ${showValue(value)}.`);
}

/** A whole number that is at least `least`; `Infinity` only where it is allowed. */
export function wholeNumber(least: number, allowInfinity = false): ReadValue<number> {
  return (value, option) => {
    if (allowInfinity && value === Number.POSITIVE_INFINITY) return value;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
    const forms = `a whole number from ${least}${allowInfinity ? ", or Infinity" : ""}`;
    throw new Stage3Error("INVALID_OPTION", `${option} must be ${forms}, not ${showValue(value)}.`);
  };
}

/** More than a task can need: at the longest default wait, a restart every 10 s for four months. */
export const MOST_RESTARTS = 1_000_000;

/** What a number of restarts may be, for messages. */
export const RESTARTS_FORMS: string = `a whole number from 0 to ${MOST_RESTARTS.toLocaleString("en")}`;

/** How many restarts may follow the first attempt. */
export function readRestarts(value: unknown, option: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MOST_RESTARTS) return value;
  throw new Stage3Error("INVALID_OPTION", `${option} must be ${RESTARTS_FORMS}, not ${showValue(value)}.`);
}

/** True or false. */
export function readBoolean(value: unknown, option: string): boolean {
  if (typeof value === "boolean") return value;
  throw new Stage3Error("INVALID_OPTION", `${option} must be true or false, not ${showValue(value)}.`);
}

/** One of some texts. */
export function oneOf<const Text extends string>(...texts: readonly Text[]): ReadValue<Text> {
  return (value, option) => {
    const found = texts.find((text) => text === value);
    if (found !== undefined) return found;
    const forms = texts.map((text) => JSON.stringify(text)).join(" or ");
    throw new Stage3Error("INVALID_OPTION", `${option} must be ${forms}, not ${showValue(value)}.`);
  };
}

/** A text that is not empty. */
export function readText(value: unknown, option: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new Stage3Error("INVALID_OPTION", `${option} must be a non-empty string, not ${showValue(value)}.`);
}

/** The name of a topic or of a function. */
export function readName(value: unknown, option: string): string {
  if (typeof value === "string" && isName(value)) return value;
  throw new Stage3Error("INVALID_OPTION", `${option} must be ${NAME_FORMS}, not ${showValue(value)}.`);
}

/** Whether a value is a secret that a header can carry. */
export function isToken(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value);
}

/** A secret that a header can carry. The message does not repeat it. */
export function readToken(value: unknown, option: string): string {
  if (isToken(value)) return value;
  const forms = "a string of ASCII characters without spaces; leave it out for no token";
  throw new Stage3Error("INVALID_OPTION", `${option} must be ${forms}.`);
}

/** What a key may be, for messages. */
export const IDEMPOTENCY_KEY_FORMS: string = "a string of 1 to 255 visible ASCII characters without spaces";

/** Whether a value may be a key. It is taken as it stands: quotes are part of it. */
export function isIdempotencyKey(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,255}$/.test(value);
}

/** A key that makes an enqueue safe to repeat. */
export function readIdempotencyKey(value: unknown, option: string): string {
  if (isIdempotencyKey(value)) return value;
  throw new Stage3Error("INVALID_OPTION", `${option} must be ${IDEMPOTENCY_KEY_FORMS}, not ${showValue(value)}.`);
}

/** How long an attempt may run. 0 is refused: some would read it as no limit, others as no time at all. */
export function readTimeout(value: unknown, option: string): number {
  const timeoutMs = parseDuration(value, option);
  if (timeoutMs > 0) return timeoutMs;
  throw new Stage3Error("INVALID_OPTION", `${option} must be more than 0; leave it out for no limit.`);
}

/** What a time may be, for messages. */
export const TIME_FORMS = 'a Date, or an RFC 3339 time with an offset, such as "2027-01-31T08:00:00Z"';

/** A time in milliseconds since 1970; undefined for anything else. */
export function timeFrom(value: unknown): number | undefined {
  if (typeof value !== "string") return value instanceof Date ? inRange(value.getTime()) : undefined;
  const [, year, month, day] = RFC_3339.exec(value) ?? [];
  if (year === undefined) return undefined;
  // `Date.parse` takes the 31st of June for the 1st of July.
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return Number(day) > lastDay ? undefined : inRange(Date.parse(value.toUpperCase().replace(" ", "T")));
}

const RFC_3339 =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** The last millisecond that `Date` has, less the longest duration: any sum with one remains a time. */
const LATEST_TIME = 8_640_000_000_000_000 - LONGEST_DURATION_MS;

function inRange(time: number): number | undefined {
  return Math.abs(time) <= LATEST_TIME ? time : undefined;
}

/** A time, in milliseconds since 1970. */
export function readTime(value: unknown, option: string): number {
  const time = timeFrom(value);
  if (time !== undefined) return time;
  throw new Stage3Error("INVALID_OPTION", `${option} must be ${TIME_FORMS}, not ${showValue(value)}.`);
}

/** What tells that somebody has lost interest. */
export function readSignal(value: unknown, option: string): AbortSignal {
  if (value instanceof AbortSignal) return value;
  throw new Stage3Error("INVALID_OPTION", `${option} must be an AbortSignal, not ${showValue(value)}.`);
}

/** A child that has only loaded its tasks takes 65 to 90 MB, so that with less no task could even begin. */
const LEAST_MEMORY_BYTES = 96 * 1024 ** 2;

/** How much memory an attempt may take. */
export function readMemory(value: unknown, option: string): number {
  const bytes = parseSize(value, option);
  if (bytes >= LEAST_MEMORY_BYTES) return bytes;
  throw new Stage3Error(
    "INVALID_OPTION",
    `${option} must be at least ${showSize(LEAST_MEMORY_BYTES)}, not ${showValue(value)}: ` +
      "a child needs most of that before a task begins.",
  );
}

/** The error for a limit on what runs where everything else runs too. `option` names the limit. */
export function noInlineMemory(option: string): Stage3Error {
  return new Stage3Error(
    "INVALID_OPTION",
    `${option} cannot hold for what runs inline, in the memory of the application. ` +
      'Leave it out, or set isolation to "process" or "thread".',
  );
}
