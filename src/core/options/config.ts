import { readHttp, type ResolvedHttp } from "./instance-readers.ts";
import { readOptions } from "./levels.ts";
import { readLevel } from "./read-level.ts";
import { resolveInstance, type ResolvedOptions } from "./resolve-options.ts";
import type { StandaloneConfig } from "./types.ts";

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
  const { http, ...instance } = readLevel(readOptions(config, "config", ""), "config");
  return { options: resolveInstance(instance), http: http ?? readHttp({}, "http") };
}
