import { expect } from "vitest";
import type { ErrorCode } from "../../../src/core/errors.ts";

/** Matches a `Stage3Error` of a code whose message contains a string. */
export function stage3Error(code: ErrorCode, text: string): unknown {
  return expect.objectContaining({ name: "Stage3Error", code, message: expect.stringContaining(text) as string });
}

/** Matches the refusal of an option. */
export function invalidOption(text: string): unknown {
  return stage3Error("INVALID_OPTION", text);
}
