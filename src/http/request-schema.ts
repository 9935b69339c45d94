import * as v from "valibot";
import type { TaskOptions } from "../core/options/types.ts";
import { showValue } from "../core/show-value.ts";
import { optionFields } from "./option-fields.ts";

/** What `POST /` asks for. */
export interface EnqueueCall {
  readonly topic: string;
  readonly function: string;
  readonly args: readonly unknown[];
  readonly options: TaskOptions;
}

/** A body that was understood, or a sentence that names each field that was not. */
export type ParsedCall =
  | { readonly kind: "call"; readonly call: EnqueueCall }
  | { readonly kind: "invalid"; readonly message: string };

/** Reads the body of `POST /`: exactly the known fields, each with an allowed value. */
export function parseEnqueueCall(body: unknown): ParsedCall {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return { kind: "invalid", message: "The body must be a JSON object with topic, function and args" };
  }
  const { success, output, issues = [] } = v.safeParse(ENQUEUE_CALL, body);
  const problems = [...issues.map((issue) => problemOf(issue)), ...unknownFields(body)];
  if (!success || problems.length > 0) return { kind: "invalid", message: problems.join("; ") };
  const { topic, function: functionName, args, ...options } = output;
  return { kind: "call", call: { topic, function: functionName, args, options } };
}

const name = (field: string) => v.pipe(v.string(`${field} must be a string`), v.nonEmpty(`${field} must not be empty`));

const ENQUEUE_CALL = v.object({
  topic: name("topic"),
  function: name("function"),
  args: v.array(v.unknown(), "args must be an array"),
  ...optionFields(),
});

const MOST_UNKNOWN_FIELDS_NAMED = 10;

type Issue = v.InferIssue<typeof ENQUEUE_CALL>;

/** An issue with the origin "key" is a field that is missing. */
function problemOf(issue: Issue): string {
  const field = issue.path?.[0];
  return field?.origin === "key" ? `${String(field.key)} is missing` : issue.message;
}

function unknownFields(body: object): string[] {
  const unknown = Object.keys(body).filter((key) => !Object.hasOwn(ENQUEUE_CALL.entries, key));
  const named = unknown.slice(0, MOST_UNKNOWN_FIELDS_NAMED).map((key) => `unknown field ${showValue(key)}`);
  const rest = unknown.length - named.length;
  return rest > 0 ? [...named, `${rest} more unknown fields`] : named;
}
