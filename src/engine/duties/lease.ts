import type { Clock } from "../../core/clock.ts";
import type { TurnLoop } from "../turn-loop.ts";
import { type Duty, everyDuty } from "./duty.ts";

/**
 * Renews a worker's lease by raising its heartbeat three times a lease. `lost` is called when its row is gone or
 * condemned: another worker took it for dead and rescues its tasks.
 */
export function keepLease(parts: {
  clock: Clock;
  turns: TurnLoop;
  leaseMs: number;
  worker: () => string;
  lost: (worker: string) => void;
}): Duty {
  const { clock, turns, leaseMs, lost } = parts;
  return everyDuty(clock, leaseMs / 3, async () => {
    const worker = parts.worker();
    // A heartbeat that storage does not take is no loss yet: nobody can rescue while nobody can write.
    const alive = await turns.submit({ kind: "heartbeat", worker }).catch(() => true);
    if (!alive) lost(worker);
  });
}
