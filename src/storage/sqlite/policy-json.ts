import type { FunctionPolicy, Isolation } from "../../core/options/settings.ts";

/** A function's policy as JSON text; an `Infinity`, which JSON has not, travels as a text. */
export function writePolicy(policy: FunctionPolicy): string {
  return JSON.stringify(policy, (_, value: unknown) => (value === Infinity ? "Infinity" : value));
}

/** What this version does not know, a later one has written: it is left out. So is what is no JSON. */
export function readPolicy(json: string): FunctionPolicy {
  const policy = parse(json);
  const values = new Map<string, unknown>(typeof policy === "object" && policy !== null ? Object.entries(policy) : []);
  const isolation = values.get("isolation");
  return {
    ...numberOf(values, "priority"),
    ...numberOf(values, "timeoutMs"),
    ...numberOf(values, "abortGraceMs"),
    ...numberOf(values, "maxRestarts"),
    ...numberOf(values, "maxBackoffMs"),
    ...(isIsolation(isolation) && { isolation }),
    ...numberOf(values, "maxMemoryBytes"),
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

function numberOf(values: ReadonlyMap<string, unknown>, name: string): Readonly<Record<string, number>> {
  const value = values.get(name);
  if (value === "Infinity") return { [name]: Infinity };
  return typeof value === "number" ? { [name]: value } : {};
}

function isIsolation(value: unknown): value is Isolation {
  return value === "inline" || value === "thread" || value === "process";
}
