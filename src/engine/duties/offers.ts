import type { Clock } from "../../core/clock.ts";
import { OFFERS_RENEWED_MS } from "../../storage/known-for.ts";
import type { TurnLoop } from "../turn-loop.ts";
import { type Duty, everyDuty } from "./duty.ts";

/** Tells once an hour that a worker still runs and offers what it has registered, so that its functions stay known. */
export function keepOffers(parts: { clock: Clock; turns: TurnLoop; worker: () => string }): Duty {
  const { clock, turns, worker } = parts;
  return everyDuty(clock, OFFERS_RENEWED_MS, async () => {
    // A storage that is away is reported by the turn loop, and the time in which nobody can tell counts for nobody.
    await turns.submit({ kind: "renewOffers", worker: worker() }).catch(() => undefined);
  });
}
