import { deserialize, serialize } from "node:v8";
import { isArray } from "./arguments.ts";
import { Stage3Error } from "../errors.ts";
import { describeThrown } from "../failure.ts";

/** The prefix of packed arguments; JSON of arguments begins with a bracket. */
const MARK = "v8:";

/**
 * The arguments of a task that never leaves this process's memory, as a string that only {@link unpackArguments} reads.
 * They may be whatever `v8.serialize` carries: dates, maps, sets, errors, typed arrays, cycles, `undefined`.
 *
 * @throws Stage3Error `INVALID_ARGS` for what it does not carry (functions, symbols, shared memory), or when the packed
 *   arguments are longer than `maxBytes`.
 */
export function packArguments(args: unknown, maxBytes: number): string {
  if (!isArray(args)) throw refused("args is not an array; pass the handler's arguments as one");
  const packed = pack(args);
  if (packed.byteLength > maxBytes) {
    throw refused(`args, packed, are larger than the ${maxBytes} bytes that maxPayload allows`);
  }
  return MARK + packed.toString("base64");
}

/**
 * The arguments of a task, from JSON or as {@link packArguments} has packed them.
 *
 * @throws Error where the string is neither.
 */
export function unpackArguments(text: string): readonly unknown[] {
  const packed = text.startsWith(MARK);
  const args: unknown = packed ? deserialize(Buffer.from(text.slice(MARK.length), "base64")) : JSON.parse(text);
  if (!isArray(args)) throw new TypeError("They are not an array.");
  return args;
}

function pack(args: unknown): Buffer {
  try {
    return serialize(args);
  } catch (cause) {
    throw refused(`args cannot be packed: ${describeThrown(cause).message}`, cause);
  }
}

function refused(message: string, cause?: unknown): Stage3Error {
  return new Stage3Error("INVALID_ARGS", `${message}.`, cause === undefined ? undefined : { cause });
}
