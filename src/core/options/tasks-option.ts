import { Stage3Error } from "../errors.ts";
import type { TaskFunctions } from "./types.ts";
import { showValue } from "../show-value.ts";

/** Where the handlers of a queue are found: a module to import, or functions that live in the application. */
export type TasksSource = { readonly kind: "module"; readonly url: string } | { readonly kind: "functions" };

/** A `tasks` option: what can be told to another thread, and the functions themselves where it has them. */
export interface ResolvedTasks {
  readonly source: TasksSource;
  readonly functions: TaskFunctions | undefined;
}

/** Reads a `tasks` option. The functions themselves are checked where they are loaded. */
export function readTasksOption(value: unknown, option: string): ResolvedTasks {
  if (value instanceof URL) return { source: { kind: "module", url: moduleUrl(value, option) }, functions: undefined };
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const hint = typeof value === "string" ? "; write new URL(…, import.meta.url) for a module" : "";
    throw notAllowed(option, `the URL of a module, or an object of functions, not ${showValue(value)}${hint}`);
  }
  return { source: { kind: "functions" }, functions: value as TaskFunctions };
}

function moduleUrl(url: URL, option: string): string {
  if (url.protocol === "file:" || url.protocol === "data:") return url.href;
  throw notAllowed(option, `the URL of a file, not of ${url.protocol}`);
}

function notAllowed(option: string, allowed: string): Stage3Error {
  return new Stage3Error("INVALID_OPTION", `${option} must be ${allowed}.`);
}
