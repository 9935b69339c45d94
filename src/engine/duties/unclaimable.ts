import type { Clock } from "../../core/clock.ts";
import type { Emit } from "../../core/events.ts";
import type { Storage, TopicCounts, UnclaimableTasks } from "../../storage/port.ts";
import { type Duty, everyDuty } from "./duty.ts";

const EVERY_MS = 60_000;
const MOST_NAMED = 10;

export interface UnclaimableParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Whether the worker takes tasks of the topic. */
  readonly serves: (topic: string) => boolean;
}

/**
 * Warns once a minute of tasks that wait for functions which no worker that runs knows, as after a function was renamed.
 * At once, of the topics of this worker: others may be about to start.
 */
export function warnOfUnclaimable(parts: UnclaimableParts): Duty {
  const repeated = everyDuty(parts.clock, EVERY_MS, () => lookForUnclaimable(parts, () => true));
  return {
    async start() {
      await lookForUnclaimable(parts, parts.serves);
      await repeated.start();
    },
    stop: () => repeated.stop(),
  };
}

async function lookForUnclaimable(
  { storage, emit }: UnclaimableParts,
  isConcerned: (topic: string) => boolean,
): Promise<void> {
  // A storage that is away is reported by the turn loop; the next look tries again.
  const counts = await storage.topicCounts().catch((): TopicCounts[] => []);
  for (const { topic, unclaimable } of counts) {
    if (unclaimable.length === 0 || !isConcerned(topic)) continue;
    emit({ name: "warning", code: "TASKS_UNCLAIMABLE", message: describe(topic, unclaimable) });
  }
}

function describe(topic: string, unclaimable: readonly UnclaimableTasks[]): string {
  const total = unclaimable.reduce((sum, { tasks }) => sum + tasks, 0);
  const named = unclaimable
    .slice(0, MOST_NAMED)
    .map(({ function: name, tasks }) => `${JSON.stringify(name)} (${tasks})`);
  const rest = unclaimable.length - named.length;
  const list = [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
  return (
    `Topic ${JSON.stringify(topic)}: ${total} ${total === 1 ? "task waits" : "tasks wait"} for functions that no running ` +
    `worker knows: ${list}. Start a worker that has them, under these names, or abort the tasks.`
  );
}
