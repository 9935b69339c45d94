import type { EnqueueOptions } from "../../core/options/settings.ts";

/** The options that an enqueue named, as JSON text; undefined: it named none. An `Infinity`, which JSON has not, is a string. */
export function writeStoredOptions(options: EnqueueOptions): string | undefined {
  const json = JSON.stringify(options, (_, value: unknown) => (value === Infinity ? "Infinity" : value));
  return json === "{}" ? undefined : json;
}

/** What a later version has added is left out; so is what is damaged. */
export function readStoredOptions(json: string | undefined): EnqueueOptions {
  if (json === undefined) return {};
  const options: Record<string, number> = {};
  for (const [name, value] of Object.entries(parse(json))) {
    const number: unknown = value === "Infinity" ? Infinity : value;
    if (NAMES.has(name) && typeof number === "number" && number >= 0) options[name] = number;
  }
  return options;
}

const NAMES: ReadonlySet<string> = new Set(["timeoutMs", "abortGraceMs", "maxRestarts", "maxBackoffMs"]);

function parse(json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
