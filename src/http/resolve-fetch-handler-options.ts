import { Stage3Error } from "../core/errors.ts";
import { readOptions } from "../core/options/levels.ts";
import { isToken } from "../core/options/readers.ts";
import { showValue } from "../core/show-value.ts";

/** The options of `toFetchHandler`, checked. */
export interface ResolvedFetchHandlerOptions {
  readonly token: string | false;
  /** Without a slash at its end; empty: the root. */
  readonly basePath: string;
  /** In lower case. */
  readonly hosts: readonly string[] | undefined;
  readonly origins: readonly string[];
  readonly onError: ((error: unknown) => void) | undefined;
}

/** @throws Stage3Error `INVALID_OPTION`, naming the first option that is unknown, missing or not allowed. */
export function resolveFetchHandlerOptions(options: unknown): ResolvedFetchHandlerOptions {
  const given = readOptions(options, "mounted", "");
  return {
    token: given.read("token", readToken) ?? missingToken(),
    basePath: given.read("basePath", readBasePath) ?? "",
    hosts: given.read("hosts", listOf(readHost)),
    origins: given.read("origins", listOf(readOrigin)) ?? [],
    onError: given.read("onError", readCallback),
  };
}

/** The message does not repeat the secret. */
function readToken(value: unknown, option: string): string | false {
  if (value === false || isToken(value)) return value;
  throw invalid(`${option} must be a string of ASCII characters without spaces, or false for none.`);
}

/** Leaving something out must not open the queue to everybody. */
function missingToken(): never {
  throw invalid(
    "token is missing: give the string that callers must send, or false where the application checks them before.",
  );
}

function readBasePath(value: unknown, option: string): string {
  if (typeof value === "string" && value.startsWith("/") && !/[?#\\]|\/\//.test(value)) {
    return new URL(value, "http://localhost").pathname.replace(/\/$/, "");
  }
  throw invalid(`${option} must be a path such as "/queue", not ${showValue(value)}.`);
}

function readHost(value: unknown, option: string): string {
  if (typeof value === "string" && URL.canParse(`http://${value}`)) {
    const name = value.toLowerCase();
    if (new URL(`http://${value}`).host === name) return name;
  }
  throw invalid(`${option} must be a name without a port, such as "app.example.com", not ${showValue(value)}.`);
}

function readOrigin(value: unknown, option: string): string {
  if (typeof value === "string" && URL.canParse(value) && new URL(value).origin === value) return value;
  throw invalid(`${option} must be an origin such as "https://app.example.com", not ${showValue(value)}.`);
}

function readCallback(value: unknown, option: string): (error: unknown) => void {
  if (typeof value === "function") return value as (error: unknown) => void;
  throw invalid(`${option} must be a function, not ${showValue(value)}.`);
}

/** At least one: an empty list would admit nobody, or was meant to be left out. */
function listOf<Value>(readItem: (value: unknown, option: string) => Value) {
  return (value: unknown, option: string): readonly Value[] => {
    if (Array.isArray(value) && value.length > 0) {
      return value.map((item, index) => readItem(item, `${option}[${index}]`));
    }
    throw invalid(`${option} must be a list with at least one entry, not ${showValue(value)}.`);
  };
}

function invalid(message: string): Stage3Error {
  return new Stage3Error("INVALID_OPTION", message);
}
