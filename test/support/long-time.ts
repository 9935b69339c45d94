import { setImmediate as nextRound } from "node:timers/promises";
import type { VirtualClock } from "../../src/testing/virtual-clock.ts";

/** Enough for a turn to be made and answered. */
const ROUNDS = 4;

/** Moves a clock on for days, which have thousands of timers: with less patience after each than a plain `advance` has. */
export function passDays(clock: VirtualClock, ms: number): Promise<void> {
  return clock.advance(ms, async () => {
    for (let round = 0; round < ROUNDS; round += 1) await nextRound();
  });
}
