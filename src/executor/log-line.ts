import { inspect } from "node:util";
import { deserialize, serialize } from "node:v8";
import { cutText } from "../core/cut-text.ts";

/** How much of a log's message, and of its fields, is passed on, in bytes of UTF-8 and as V8 serializes them. */
export const LONGEST_LOG_PART: number = 64 * 1024;

/** A line of a log as it may leave the place where its handler runs. */
export interface LogLine {
  readonly message: string;
  readonly fields: unknown;
  /** Something of it has been left out, and says so. */
  readonly cut: boolean;
  /** About how many bytes it takes on its way. */
  readonly bytes: number;
}

/**
 * Makes a line of whatever a handler has given. Its fields are a copy, so that later changes by the handler are not
 * seen, and so small and flat that every thread can read it; what cannot be copied becomes a text. Never throws.
 */
export function toLogLine(message: unknown, fields: unknown): LogLine {
  const text = toText(message);
  const shown = cut(text);
  const copied = fields === undefined ? { fields, bytes: 0, cut: false } : copyFields(fields);
  return {
    message: shown,
    fields: copied.fields,
    cut: copied.cut || shown.length < text.length,
    bytes: shown.length + copied.bytes,
  };
}

type Copy = Omit<LogLine, "message">;

function copyFields(fields: unknown): Copy {
  let isLarge = false;
  try {
    const bytes = serialize(fields);
    isLarge = bytes.length > LONGEST_LOG_PART;
    const copy: unknown = isLarge ? undefined : deserialize(bytes);
    if (!isLarge && isFlat(copy, DEEPEST_FIELDS)) return { fields: copy, bytes: bytes.length, cut: false };
  } catch {
    // A function, a proxy, memory that threads of one process alone can share, a getter that throws.
  }
  const whole = show(fields);
  const text = isLarge && Buffer.byteLength(whole) <= LONGEST_LOG_PART ? `${whole}${CUT}` : cut(whole);
  return { fields: text, bytes: text.length, cut: isLarge || text.length < whole.length };
}

const CUT = "… (cut)";

function cut(text: string): string {
  const kept = cutText(text, LONGEST_LOG_PART);
  return kept.length < text.length ? `${cutText(kept, LONGEST_LOG_PART - Buffer.byteLength(CUT))}${CUT}` : kept;
}

function toText(message: unknown): string {
  if (typeof message === "string") return message;
  try {
    return String(message);
  } catch {
    return show(message);
  }
}

function show(value: unknown): string {
  try {
    return inspect(value, { depth: 4, customInspect: false, maxArrayLength: 100, maxStringLength: 10_000 });
  } catch {
    return "Something that cannot be shown.";
  }
}

/** How deep fields may be nested: copying them takes stack, of which threads have different amounts. */
const DEEPEST_FIELDS = 64;

/**
 * Whether a copy is nested no deeper than that, looked at in the order in which V8 does. It has no getters and no
 * proxies in it.
 */
function isFlat(value: unknown, levels: number, seen: Set<object> = new Set()): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return true;
  if (levels === 0) return false;
  seen.add(value);
  return partsOf(value).every((part) => isFlat(part, levels - 1, seen));
}

function partsOf(value: object): unknown[] {
  if (ArrayBuffer.isView(value)) return [];
  if (value instanceof Map) return [...value].flat(1);
  if (value instanceof Set) return [...value];
  return value instanceof Error ? [value.cause] : Object.values(value);
}
