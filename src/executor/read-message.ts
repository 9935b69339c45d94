import { deserialize } from "node:v8";
import { LONGEST_FAILURE_TEXT, type FailureReason } from "../core/failure.ts";
import type { WarningCode } from "../core/events.ts";
import type { FunctionDescription } from "../core/options/settings.ts";
import type { FailureCode } from "../core/task.ts";
import { LONGEST_DESCRIPTION } from "../tasks/describe-tasks.ts";
import type { CallOutcome } from "./handler-call.ts";
import { LONGEST_LOG_PART } from "./log-line.ts";
import type { MessageFromMember } from "./messages.ts";

/** What a member's own code warns of. */
const WARNING_CODES: ReadonlySet<unknown> = new Set<WarningCode>([
  "RESULT_DROPPED",
  "PROGRESS_DROPPED",
  "LOG_CUT",
  "LOG_DROPPED",
]);

/** What a member's own code gives as the reason of a failure. */
const FAILURE_CODES: ReadonlySet<unknown> = new Set<FailureCode>(["TASK_FAILED", "TASK_UNREADABLE"]);

/** A failure's text, and some words of our own around it with the name of a function. */
const LONGEST_MESSAGE = 4 * LONGEST_FAILURE_TEXT;

/** A text of which V8 writes each unit as two bytes, in base64. */
const LONGEST_PACKED_FIELDS = 4 * LONGEST_LOG_PART;

/** As a line of JSON: what is no text in it, and each control character as six. */
const LONGEST_LINE = 2 * LONGEST_DESCRIPTION;

/** How long a line from a child may be while a result in it may have so many bytes, of which JSON may escape each. */
export function longestLineOf(maxPayloadBytes: number): number {
  return LONGEST_LINE + 2 * maxPayloadBytes;
}

/**
 * What a child has sent, if it is a message: what runs there can write whatever it likes. The fields of a log that
 * cannot be read become a text that says so.
 */
export function readPackedMessage(came: unknown, maxPayloadBytes: number): MessageFromMember | undefined {
  const message = readMessage(came, maxPayloadBytes);
  if (message?.kind !== "log" || message.fields === undefined) return message;
  if (!isText(message.fields, LONGEST_PACKED_FIELDS)) return undefined;
  return { ...message, fields: unpackFields(message.fields) };
}

/** As {@link readPackedMessage}, for a thread, whose messages are values. */
export function readMessage(came: unknown, maxPayloadBytes: number): MessageFromMember | undefined {
  if (!isObject(came)) return undefined;
  return isMessage(came, maxPayloadBytes) ? (came as unknown as MessageFromMember) : undefined;
}

type Came = Readonly<Record<string, unknown>>;

function isMessage(came: Came, maxPayloadBytes: number): boolean {
  switch (came["kind"]) {
    case "ready":
      return Array.isArray(came["functions"]) && came["functions"].every(isDescription);
    case "import_failed":
      return isFailure(came["failure"]);
    case "progress":
      return isRun(came["run"]) && isProgress(came["progress"]);
    case "log":
      return isRun(came["run"]) && isText(came["message"], LONGEST_LOG_PART);
    case "warning":
      return isRun(came["run"]) && WARNING_CODES.has(came["code"]) && isText(came["message"], LONGEST_MESSAGE);
    case "settled":
      return isRun(came["run"]) && isOutcome(came["outcome"], maxPayloadBytes);
    case "declined":
      return isRun(came["run"]);
    case "crashed":
      return (came["run"] === undefined || isRun(came["run"])) && isFailure(came["failure"]);
    case "strayExit":
      return (came["run"] === undefined || isRun(came["run"])) && isText(came["message"], LONGEST_MESSAGE);
    case "stray":
      return isText(came["message"], LONGEST_MESSAGE);
    default:
      return false;
  }
}

function isObject(value: unknown): value is Came {
  return typeof value === "object" && value !== null;
}

function isText(value: unknown, mostUnits: number): value is string {
  return typeof value === "string" && value.length <= mostUnits;
}

function isRun(value: unknown): boolean {
  return Number.isSafeInteger(value);
}

function isDescription(value: unknown): value is FunctionDescription {
  return isObject(value) && typeof value["name"] === "string" && isObject(value["policy"]);
}

function isFailure(value: unknown): value is FailureReason {
  if (!isObject(value) || !FAILURE_CODES.has(value["code"])) return false;
  const { message, stack } = value;
  return isText(message, LONGEST_MESSAGE) && (stack === undefined || isText(stack, LONGEST_FAILURE_TEXT));
}

function isProgress(value: unknown): boolean {
  const number = isText(value, LONGEST_NUMBER) ? readJson(value) : undefined;
  return typeof number === "number" && number >= 0 && number <= 1;
}

const LONGEST_NUMBER = 30;

/** It is stored as it is, and read by whoever asks for the task: so it has to be JSON. */
function isOutcome(value: unknown, maxPayloadBytes: number): value is CallOutcome {
  if (!isObject(value)) return false;
  if (value["kind"] === "failed") return isFailure(value["failure"]);
  const { kind, result } = value;
  if (kind !== "finished" || result === undefined) return kind === "finished";
  return isText(result, maxPayloadBytes) && readJson(result) !== undefined && fits(result, maxPayloadBytes);
}

function fits(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function unpackFields(text: string): unknown {
  try {
    return deserialize(Buffer.from(text, "base64")) as unknown;
  } catch {
    return "The fields of this line could not be read.";
  }
}
