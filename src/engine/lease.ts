import type { Clock } from "../core/clock.ts";
import { repeat, type Repeating } from "./repeat.ts";
import type { TurnLoop } from "./turn-loop.ts";

/**
 * Renews a worker's lease by raising its heartbeat three times a lease. `lost` is called when its row is gone or
 * condemned: another worker took it for dead and rescues its tasks.
 */
export function keepLease(parts: {
  clock: Clock;
  turns: TurnLoop;
  worker: string;
  leaseMs: number;
  lost: () => void;
}): Repeating {
  const { clock, turns, worker, leaseMs, lost } = parts;
  return repeat(clock, leaseMs / 3, async () => {
    // A heartbeat that storage does not take is no loss yet: nobody can rescue while nobody can write.
    const alive = await turns.submit({ kind: "heartbeat", worker }).catch(() => true);
    if (!alive) lost();
  });
}
