import type { FreeSlots } from "../free-slots.ts";
import type { Statements } from "./statements/all.ts";
import type { TurnCounters } from "./turn-counters.ts";

/** What the operations of one turn share. */
export interface TurnContext {
  readonly statements: Statements;
  readonly counters: TurnCounters;
  readonly now: number;
  readonly freeSlots: FreeSlots;
}
