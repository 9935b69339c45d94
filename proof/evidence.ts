import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Violation } from "./history/check.ts";
import type { HistoryEvent } from "./history/events.ts";

/** Writes what was broken into a folder, one violation a line, as JSON. */
export function writeViolations(folder: string, violations: readonly Violation[]): void {
  writeFileSync(join(folder, "violations.jsonl"), toLines(violations));
}

/** Writes a history into a folder, one event a line, as JSON: the index of a violation counts the lines from 0. */
export function writeHistory(folder: string, history: readonly HistoryEvent[]): void {
  writeFileSync(join(folder, "history.jsonl"), toLines(history));
}

/** A line of JSON for each. */
export function toLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value, toPlain)}\n`).join("");
}

/** What JSON would leave empty, or make something else of, in words. */
function toPlain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return { Map: [...(value as ReadonlyMap<unknown, unknown>)] };
  if (value instanceof Set) return { Set: [...(value as ReadonlySet<unknown>)] };
  if (value instanceof Error)
    return { Error: Object.fromEntries([...Object.entries(value), ["name", value.name], ["message", value.message]]) };
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
