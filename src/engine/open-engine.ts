import { topicsKeptInMemory } from "../core/options/settings.ts";
import { openStorage } from "../storage/open.ts";
import type { EngineApi } from "./api.ts";
import { Engine } from "./engine.ts";
import { EngineRouter } from "./engine-router.ts";
import type { EngineParts, EngineSettings } from "./ports.ts";

/** An Engine for all queues of an instance, those that are kept in this process's memory among them. */
export async function openEngine(parts: EngineParts, settings: EngineSettings): Promise<EngineApi> {
  const topicsInMemory = topicsKeptInMemory(settings.queues);
  if (topicsInMemory.size === 0) return new Engine(parts, settings);
  const split = (inMemory: boolean): EngineSettings => ({
    ...settings,
    retention: inMemory ? settings.retentionInMemory : settings.retention,
    queues: new Map([...settings.queues].filter(([topic]) => topicsInMemory.has(topic) === inMemory)),
  });
  const memory = await openStorage({ kind: "memory" }, { durability: "process-crash", clock: parts.clock });
  const inMemory = new Engine({ ...parts, storage: memory }, split(true));
  return new EngineRouter(new Engine(parts, split(false)), [
    { engine: inMemory, topics: topicsInMemory, isPrivate: true },
  ]);
}
