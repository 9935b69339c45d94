import type { Statements } from "./statements/all.ts";
import type { TurnCounters } from "./turn-counters.ts";

/** What the operations of one turn share. */
export interface TurnContext {
  readonly statements: Statements;
  readonly counters: TurnCounters;
  readonly now: number;
  /** By topic: how many slots the claims of this turn have left free. */
  readonly freeSlots: Map<string, number>;
}
