import { encodeArguments } from "../../../src/core/json/arguments.ts";
import { Stage3Error } from "../../../src/core/errors.ts";

export const MAX_BYTES = 1024 * 1024;

export function encode(args: unknown, maxBytes: number = MAX_BYTES): string {
  return encodeArguments(args, maxBytes);
}

/** The text of arguments; `undefined` where they are refused. */
export function textOf(args: unknown): string | undefined {
  try {
    return encode(args);
  } catch (error) {
    if (error instanceof Stage3Error && error.code === "INVALID_ARGS") return undefined;
    throw error;
  }
}

/** The message that a value is refused with, as the only argument. */
export function refusalOf(value: unknown): string {
  try {
    return `accepted: ${encode([value])}`;
  } catch (error) {
    if (error instanceof Stage3Error && error.code === "INVALID_ARGS") return error.message;
    throw error;
  }
}

/** `depth` arrays in one another. */
export function nested(depth: number): unknown[] {
  let list: unknown[] = [];
  for (let level = 1; level < depth; level++) list = [list];
  return list;
}
