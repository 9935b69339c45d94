import type { StandaloneConfig } from "./options.ts";

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
