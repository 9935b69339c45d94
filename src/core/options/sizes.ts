import { Stage3Error } from "../errors.ts";
import { showValue } from "../show-value.ts";

/** What a size may be, for messages. */
export const SIZE_FORMS = 'a size: a whole number of bytes from 1, or a string like "64kb", "1mb" or "2gb"';

/**
 * A size in bytes: a whole number from 1, or a string of a number and a unit, `b`, `kb`, `mb` or `gb`, in either case.
 * The units are powers of 1024.
 *
 * @throws Stage3Error `INVALID_OPTION`, naming `option`.
 */
export function parseSize(value: unknown, option: string): number {
  const bytes = sizeFrom(value);
  if (bytes === undefined) {
    throw new Stage3Error("INVALID_OPTION", `${option} must be ${SIZE_FORMS}, not ${showValue(value)}.`);
  }
  return bytes;
}

/** As {@link parseSize}; `undefined` for anything else. */
export function sizeFrom(value: unknown): number | undefined {
  const bytes = typeof value === "string" ? fromText(value) : value;
  return typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= 1 ? bytes : undefined;
}

/** A size for messages, in whole megabytes, at least 1. */
export function showSize(bytes: number): string {
  return `${Math.max(1, Math.round(bytes / 1024 ** 2))} MB`;
}

const UNIT_BYTES: ReadonlyMap<string, number> = new Map([
  ["b", 1],
  ["kb", 1024],
  ["mb", 1024 ** 2],
  ["gb", 1024 ** 3],
]);

function fromText(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d{1,15}(?:\.\d{1,15})?)(b|kb|mb|gb)$/.exec(text.toLowerCase()) ?? [];
  const unitBytes = UNIT_BYTES.get(unit);
  return amount === undefined || unitBytes === undefined ? undefined : Math.floor(Number(amount) * unitBytes);
}
