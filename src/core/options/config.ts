import { Stage3Error } from "../errors.ts";
import { readOptions } from "./levels.ts";
import { readText, readToken } from "./readers.ts";
import type { StandaloneConfig } from "./types.ts";
import { type ResolvedOptions, resolveInstance } from "./resolve-options.ts";
import { showValue } from "../show-value.ts";

/**
 * Checks the types of a configuration and returns it unchanged; the default export of `stage3queue.config.ts`.
 *
 * @example
 * export default defineConfig({
 *   tasks: new URL("./tasks.ts", import.meta.url),
 *   queues: { default: {}, emails: { maxConcurrency: 100 } },
 *   http: { port: 4000 },
 * });
 */
export function defineConfig(config: StandaloneConfig): StandaloneConfig {
  return config;
}

/** The settings of the command's HTTP server. */
export interface ResolvedHttp {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
}

/** A configuration of the command, complete and checked. */
export interface ResolvedConfig {
  readonly options: ResolvedOptions;
  readonly http: ResolvedHttp;
}

/**
 * Checks a configuration of the command: the options of `Stage3Queue.open`, and `http`.
 *
 * @throws Stage3Error `INVALID_OPTION`, naming the first option that is unknown, misplaced or not allowed.
 */
export function resolveConfig(config: unknown = {}): ResolvedConfig {
  const given = readOptions(config, "config", "");
  return { options: resolveInstance(given), http: given.read("http", readHttp) ?? readHttp({}, "http") };
}

function readHttp(value: unknown, option: string): ResolvedHttp {
  const given = readOptions(value, "http", option);
  return {
    host: given.read("host", readText) ?? "127.0.0.1",
    port: given.read("port", readPort) ?? 4000,
    token: given.read("token", readToken),
  };
}

function readPort(value: unknown, option: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw invalid(`${option} must be a whole number from 0 to 65535, not ${showValue(value)}.`);
}

function invalid(message: string): Stage3Error {
  return new Stage3Error("INVALID_OPTION", message);
}
