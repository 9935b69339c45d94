import { Stage3Error } from "../errors.ts";
import { JsonRefusal, writeJson } from "./write-json.ts";

/**
 * The arguments of a task as JSON. `JSON.parse` of it gives arguments that are deeply equal to `args`, apart from
 * three things: an undefined property is left out, -0 becomes 0 (as `JSON.stringify` has it, and PostgreSQL too), and
 * an object without a prototype, or from another realm, comes back as a plain one.
 *
 * @throws Stage3Error `INVALID_ARGS`, with the path of the first value that JSON would change, for instance
 *   `args[1].to[0]`, or when the JSON is longer than `maxBytes` bytes of UTF-8.
 */
export function encodeArguments(args: unknown, maxBytes: number): string {
  try {
    if (!isArray(args)) throw new JsonRefusal("args is not an array; pass the handler's arguments as one");
    return writeJson(args, "args", maxBytes);
  } catch (error) {
    if (!JsonRefusal.is(error)) throw error;
    throw new Stage3Error("INVALID_ARGS", `${error.message}.`, "cause" in error ? { cause: error.cause } : {});
  }
}

/** The JSON of a value, `undefined` for `undefined`, or why the value is dropped. */
export type EncodedValue = { readonly json: string | undefined } | { readonly dropped: string };

/**
 * A handler's result as JSON, that of `JSON.stringify`. What that would silently lose, such as a Map or NaN, and what no
 * store keeps, is dropped; the reason names the path, for instance `value.rows`. Never throws.
 */
export function encodeValue(value: unknown, maxBytes: number): EncodedValue {
  if (value === undefined) return { json: undefined };
  try {
    return { json: writeJson(value, "value", maxBytes, "as-stringify") };
  } catch (error) {
    if (!JsonRefusal.is(error)) throw error;
    return { dropped: error.message };
  }
}

/** `Array.isArray`, which throws for a revoked proxy. */
export function isArray(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}
