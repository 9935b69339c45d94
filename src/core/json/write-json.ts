import { types } from "node:util";
import { describeThrown } from "../failure.ts";
import { whyLostToJson, whyNoJson, whyNoPlainArray, whyNoPlainObject } from "./no-json.ts";

/** How deep arrays and objects may be nested; the outermost one is level 1. */
export const DEEPEST_NESTING = 64;

/** Why a value is not carried as JSON: a sentence without its full stop that starts with the path. */
export class JsonRefusal extends Error {
  override readonly name: string = "JsonRefusal";

  /** As `instanceof`, which by itself would run the traps of a proxy that was thrown. */
  static is(thrown: unknown): thrown is JsonRefusal {
    return types.isNativeError(thrown) && thrown instanceof JsonRefusal;
  }
}

/** What JSON may do to a value: nothing, or what `JSON.stringify` does where it loses no data. */
export type JsonChange = "none" | "as-stringify";

/**
 * Writes a value as JSON in one walk, and refuses what `JSON.parse` would not give back. With "as-stringify" the JSON is
 * that of `JSON.stringify`, and only what that would silently lose is refused. Each property is read once: a
 * getter runs once, and what was checked is what is written, whatever a getter or a proxy would answer the next time.
 *
 * @param root the value's name in messages.
 * @throws JsonRefusal and nothing else.
 */
// oxlint-disable-next-line eslint/max-params
export function writeJson(value: unknown, root: string, maxBytes: number, change: JsonChange = "none"): string {
  const walk: Walk = {
    root,
    maxBytes,
    changes: change === "as-stringify",
    written: 0,
    depth: 0,
    ancestors: [],
    keys: [],
  };
  try {
    const text = write(walk, read(walk, value, ""));
    if (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes) throw tooLarge(walk);
    return text;
  } catch (error) {
    if (JsonRefusal.is(error)) throw error;
    // The value's own code threw: a getter, or a trap of a proxy.
    throw refusal(walk, `cannot be read: ${describeThrown(error).message}`, error);
  }
}

interface Walk {
  readonly root: string;
  readonly maxBytes: number;
  /** Whether it is written as `JSON.stringify` would. */
  readonly changes: boolean;
  /** UTF-16 units written so far; no text has fewer bytes. */
  written: number;
  /** How many arrays and objects are open. */
  depth: number;
  /** The open ones, the outermost first, and for each the key at hand. What is beyond `depth` is left over. */
  readonly ancestors: object[];
  readonly keys: (string | number)[];
}

/** What is written of a value that was found under a key: itself, or what its `toJSON` makes of it. */
function read(walk: Walk, value: unknown, key: string | number): unknown {
  if (!walk.changes || typeof value !== "object" || value === null) return value;
  const { toJSON } = value as { readonly toJSON?: unknown };
  return typeof toJSON === "function" ? (Reflect.apply(toJSON, value, [String(key)]) as unknown) : value;
}

function write(walk: Walk, value: unknown): string {
  switch (typeof value) {
    case "string":
      return counted(walk, quote(walk, value));
    case "number":
      if (!Number.isFinite(value)) throw refusal(walk, whyNoJson(value));
      return counted(walk, String(value));
    case "boolean":
      return counted(walk, String(value));
    case "object":
      return value === null ? counted(walk, "null") : writeNested(walk, value);
    default:
      throw refusal(walk, whyNoJson(value));
  }
}

function writeNested(walk: Walk, value: object): string {
  const { depth, ancestors } = walk;
  for (let index = 0; index < depth; index++) {
    if (ancestors[index] === value) throw refusal(walk, "contains itself; pass data without cycles");
  }
  if (depth === DEEPEST_NESTING) throw refusal(walk, `is nested deeper than ${DEEPEST_NESTING} levels`);
  ancestors[depth] = value;
  count(walk, 2);
  const text = Array.isArray(value) ? writeArray(walk, value) : writeObject(walk, value);
  walk.depth = depth;
  return text;
}

function writeArray(walk: Walk, array: readonly unknown[]): string {
  const reason = walk.changes ? undefined : whyNoPlainArray(array);
  if (reason !== undefined) throw refusal(walk, reason);
  const { depth, keys } = walk;
  const { length } = array;
  walk.depth = depth + 1;
  let text = "[";
  for (let index = 0; index < length; index++) {
    keys[depth] = index;
    if (index > 0) text += comma(walk);
    const element = read(walk, array[index], index);
    text += walk.changes && element === undefined ? counted(walk, "null") : write(walk, element);
  }
  const named = walk.changes ? undefined : namedKeyOf(array, length);
  if (named !== undefined) {
    keys[depth] = named;
    throw refusal(walk, "is a named property of an array, which JSON leaves out; pass an object");
  }
  return `${text}]`;
}

/** A key beside the indexes, of which there is one for each element: holes are refused. */
function namedKeyOf(array: readonly unknown[], length: number): string | undefined {
  const keys = Object.keys(array);
  return keys.length > length ? keys[length] : undefined;
}

function writeObject(walk: Walk, object: object): string {
  const reason = walk.changes ? whyLostToJson(object) : whyNoPlainObject(object);
  if (reason !== undefined) throw refusal(walk, reason);
  const { depth, keys } = walk;
  const names = Object.keys(object);
  const properties = object as Readonly<Record<string, unknown>>;
  walk.depth = depth + 1;
  let text = "{";
  for (const name of names) {
    keys[depth] = name;
    const property = read(walk, properties[name], name);
    if (property === undefined || (walk.changes && isLeftOut(property))) continue;
    if (text !== "{") text += comma(walk);
    text += `${counted(walk, quote(walk, name))}:`;
    count(walk, 1);
    text += write(walk, property);
  }
  return `${text}}`;
}

/** Whether `JSON.stringify` leaves a property with such a value out, beside those that are undefined. */
function isLeftOut(value: unknown): boolean {
  return typeof value === "function" || typeof value === "symbol";
}

/** A string as JSON. One with a lone surrogate or U+0000 is refused, because no store keeps it unchanged. */
function quote(walk: Walk, text: string): string {
  if (text.length > walk.maxBytes) throw tooLarge(walk);
  if (!text.isWellFormed()) throw refusal(walk, "contains a lone surrogate; pass a well-formed string");
  if (text.includes("\0")) throw refusal(walk, "contains the character U+0000; pass a string without it");
  return JSON.stringify(text);
}

function comma(walk: Walk): string {
  return counted(walk, ",");
}

function counted(walk: Walk, text: string): string {
  count(walk, text.length);
  return text;
}

/** Before anything is built from it: a few objects that contain each other twice, level by level, have no end. */
function count(walk: Walk, units: number): void {
  walk.written += units;
  if (walk.written > walk.maxBytes) throw tooLarge(walk);
}

function refusal(walk: Walk, reason: string, cause?: unknown): JsonRefusal {
  return new JsonRefusal(`${pathOf(walk)} ${reason}`, cause === undefined ? undefined : { cause });
}

function tooLarge({ root, maxBytes }: Walk): JsonRefusal {
  return new JsonRefusal(`${root}, as JSON, is larger than the ${maxBytes} bytes that maxPayload allows`);
}

/** Where the walk stands, like `args[1].to[0]`. */
function pathOf({ root, depth, keys }: Walk): string {
  return root + keys.slice(0, depth).map(step).join("");
}

function step(key: string | number): string {
  if (typeof key === "number") return `[${key}]`;
  if (/^[A-Za-z_$][\w$]{0,60}$/.test(key)) return `.${key}`;
  return key.length > 60 ? `[${JSON.stringify(key.slice(0, 60))}…]` : `[${JSON.stringify(key)}]`;
}
