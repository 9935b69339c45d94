import { inspect, types } from "node:util";
import { cutText } from "./cut-text.ts";
import type { FailureCode } from "./task.ts";

/** Why one attempt failed. Message and stack are kept up to {@link LONGEST_FAILURE_TEXT} bytes each. */
export interface FailureReason {
  readonly code: FailureCode;
  readonly message: string;
  readonly stack?: string;
}

/** How much of a failure's message and of its stack is kept, in bytes of UTF-8. */
export const LONGEST_FAILURE_TEXT: number = 8 * 1024;

/** Of many failures of a task, its first and its last are kept: how it began, and how it goes on. */
export const FIRST_FAILURES_KEPT = 10;
export const LAST_FAILURES_KEPT = 90;

/**
 * What was thrown, as a string: an error's message, followed by those of its causes and, for an `AggregateError`, of its
 * errors; for anything else what `console.log` would show. Anything may be thrown, so this expects the worst: getters
 * and proxies that throw, cycles, messages without end. Never throws.
 */
export function describeThrown(thrown: unknown): { message: string; stack?: string } {
  try {
    const message = cutText(messageOf(thrown, DEEPEST_CAUSE), LONGEST_FAILURE_TEXT);
    const stack = stackOf(thrown, DEEPEST_CAUSE);
    return stack === undefined ? { message } : { message, stack: cutText(stack, LONGEST_FAILURE_TEXT) };
  } catch {
    return { message: "Something was thrown that cannot be described." };
  }
}

/** How many causes are followed; it also ends a cycle of them. */
const DEEPEST_CAUSE = 4;

/** How many errors of an `AggregateError` are named. */
const MOST_ERRORS = 5;

/** How much of a nested message is kept, in bytes, and of one that would push the frames out of a stack. */
const LONGEST_NESTED_TEXT = 1024;

function messageOf(thrown: unknown, causesLeft: number): string {
  if (!isErrorLike(thrown)) return show(thrown);
  let text = ownMessage(thrown).slice(0, LONGEST_FAILURE_TEXT);
  if (causesLeft === 0) return text;
  const errors = read(thrown, "errors");
  if (types.isNativeError(thrown) && Array.isArray(errors)) text += nestedMessages(errors, causesLeft);
  const cause = read(thrown, "cause");
  if (cause !== undefined) text += ` (caused by: ${nestedMessage(cause, causesLeft)})`;
  return text;
}

function nestedMessages(errors: readonly unknown[], causesLeft: number): string {
  const named = errors.slice(0, MOST_ERRORS).map((error) => nestedMessage(error, causesLeft));
  if (errors.length > MOST_ERRORS) named.push(`and ${errors.length - MOST_ERRORS} more`);
  return named.length === 0 ? "" : ` [${named.join("; ")}]`;
}

function nestedMessage(thrown: unknown, causesLeft: number): string {
  return cutText(messageOf(thrown, causesLeft - 1), LONGEST_NESTED_TEXT);
}

function ownMessage(error: object): string {
  const message = read(error, "message");
  if (typeof message === "string" && message !== "") return message;
  const name = read(error, "name");
  return typeof name === "string" && name !== "" ? name : "Error";
}

function stackOf(thrown: unknown, causesLeft: number): string | undefined {
  if (!isErrorLike(thrown)) return undefined;
  const stack = read(thrown, "stack");
  if (typeof stack !== "string" || stack === "") return undefined;
  const text = keepFrames(stack, ownMessage(thrown));
  const cause = causesLeft === 0 ? undefined : stackOf(read(thrown, "cause"), causesLeft - 1);
  return cause === undefined ? text : `${text}\nCaused by: ${cause}`;
}

/** The stack starts with the message; a long one is cut there, so that the frames after it are kept. */
function keepFrames(stack: string, message: string): string {
  if (message.length <= LONGEST_NESTED_TEXT) return stack;
  const start = stack.indexOf(message);
  if (start === -1) return stack;
  return `${stack.slice(0, start)}${cutText(message, LONGEST_NESTED_TEXT)}…${stack.slice(start + message.length)}`;
}

/** Errors, and what looks like one: errors of other realms, objects with a message. */
function isErrorLike(thrown: unknown): thrown is object {
  if (typeof thrown !== "object" || thrown === null) return false;
  return types.isNativeError(thrown) || typeof read(thrown, "message") === "string";
}

/** A property, or `undefined` where reading it throws. */
function read(object: object, key: string): unknown {
  try {
    return (object as Readonly<Record<string, unknown>>)[key];
  } catch {
    return undefined;
  }
}

function show(thrown: unknown): string {
  if (typeof thrown === "string") return thrown === "" ? "An empty string was thrown." : thrown;
  try {
    return inspect(thrown, {
      depth: 2,
      customInspect: false,
      maxStringLength: LONGEST_NESTED_TEXT,
      maxArrayLength: 20,
    });
  } catch {
    return "Something was thrown that cannot be shown.";
  }
}
