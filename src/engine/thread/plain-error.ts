import { ERROR_TABLE, type ErrorCode, Stage3Error } from "../../core/errors.ts";
import { describeThrown } from "../../core/failure.ts";

/** An error as it crosses threads: structured cloning would lose its class and its code. */
export interface PlainError {
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: PlainError;
}

/** How many causes deep an error is carried. */
const DEEPEST_CAUSE = 4;

export function toPlainError(thrown: unknown, depth = 0): PlainError {
  const described = describeThrown(thrown);
  if (!(thrown instanceof Error)) return { code: undefined, ...described };
  const isOurs = thrown instanceof Stage3Error;
  return {
    code: isOurs ? thrown.code : undefined,
    // A sentence of ours is whole in itself; of a foreign error the causes are told with it.
    message: isOurs ? thrown.message : described.message,
    ...(described.stack === undefined ? {} : { stack: described.stack }),
    ...(thrown.cause === undefined || depth === DEEPEST_CAUSE ? {} : { cause: toPlainError(thrown.cause, depth + 1) }),
  };
}

export function fromPlainError({ code, message, stack, cause }: PlainError): Error {
  const options = cause === undefined ? {} : { cause: fromPlainError(cause) };
  const error =
    code !== undefined && code in ERROR_TABLE ? new Stage3Error(code, message, options) : new Error(message, options);
  if (stack !== undefined) error.stack = stack;
  return error;
}
