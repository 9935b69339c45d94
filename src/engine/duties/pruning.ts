import type { Clock } from "../../core/clock.ts";
import type { PruneKeysOperation, PruneOperation } from "../../storage/port.ts";
import type { RetentionSettings } from "../ports.ts";
import type { TurnLoop } from "../turn-loop.ts";
import { type Duty, everyDuty } from "./duty.ts";

/** What one turn removes at most, so that it keeps nothing else waiting for long. */
const LARGEST_PRUNING = 500;
const LARGEST_PRUNING_BYTES = 4 * 1024 * 1024;
/** In how many topics one turn looks. */
const MOST_TOPICS = 200;
const SHORTEST_INTERVAL_MS = 100;
const LONGEST_INTERVAL_MS = 60_000;

export interface PruningParts {
  readonly clock: Clock;
  readonly turns: TurnLoop;
  /** Those that this worker serves: what becomes of the others is for the workers that serve them to say. */
  readonly topics: Iterable<string>;
  /** Aborted when the Engine is to stop: what is still to be removed then waits for the next start. */
  readonly stopping: AbortSignal;
}

/** Removes ended tasks whose retention has passed, and idempotency keys whose day is over, a few hundred a turn. */
export function pruning({ clock, turns, topics, stopping }: PruningParts, retention: RetentionSettings): Duty {
  const kept = [
    { state: "finished", keptMs: retention.finishedMs },
    { state: "aborted", keptMs: retention.abortedMs },
    { state: "in_dead_letter_queue", keptMs: retention.dlqMs },
  ] as const;
  const finite = kept.filter(({ keptMs }) => Number.isFinite(keptMs));
  const shortestMs = Math.min(...finite.map(({ keptMs }) => keptMs), LONGEST_INTERVAL_MS * 10);
  const everyMs = Math.min(Math.max(shortestMs / 10, SHORTEST_INTERVAL_MS), LONGEST_INTERVAL_MS);
  const prune = async (operation: () => PruneOperation | PruneKeysOperation): Promise<void> => {
    for (let more = true; more && !stopping.aborted;) {
      // A storage that is away is reported by the turn loop; the next round prunes what this one could not.
      more = await turns.submit(operation()).then(
        (result) => result.more,
        () => false,
      );
    }
  };
  const portions = inPortions([...topics], MOST_TOPICS);
  const limits = { limit: LARGEST_PRUNING, maxBytes: LARGEST_PRUNING_BYTES };
  return everyDuty(clock, everyMs, async () => {
    for (const { state, keptMs } of finite) {
      for (const portion of portions) {
        await prune(() => ({ kind: "prune", state, topics: portion, endedBefore: clock.now() - keptMs, ...limits }));
      }
    }
    await prune(() => ({ kind: "pruneKeys", limit: LARGEST_PRUNING }));
  });
}

function inPortions<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
