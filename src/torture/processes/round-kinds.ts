import type { Chance } from "../simulation/chance.ts";

/** What is done to a worker in one round. */
export type RoundKind =
  /** `kill -9` at any moment. */
  | "anyMoment"
  /** `kill -9` while it starts. */
  | "starting"
  /** It kills itself once it has claimed tasks, before it runs them. */
  | "afterClaim"
  /** Once attempts are over, before that is written. */
  | "beforeSettle"
  /** Once that is written, before anybody is told. */
  | "afterSettle"
  /** Somewhere within a transaction of SQLite, its commit included. */
  | "insideCommit"
  /** Within a transaction that removes ended tasks. */
  | "duringPruning"
  /** SIGTERM, and it kills itself once it has taken its leave: nobody would rescue what it has left. */
  | "afterLeaving"
  /** A process is killed while it makes a database. */
  | "migration"
  /** SIGSTOP, and SIGCONT when its lease has run out. */
  | "stall"
  /** SIGTERM. */
  | "terminate"
  /** SIGTERM, and another one a little later. */
  | "terminateTwice";

/** How many rounds of which kind come in one shuffled deck. */
const DECK: Readonly<Record<RoundKind, number>> = {
  anyMoment: 4,
  starting: 1,
  afterClaim: 2,
  beforeSettle: 2,
  afterSettle: 1,
  insideCommit: 2,
  duringPruning: 2,
  afterLeaving: 1,
  migration: 1,
  stall: 1,
  terminate: 2,
  terminateTwice: 1,
};

/** Deals kinds, so that each comes up in a run of any length: without pruning that round is one at any moment. */
export function* dealRounds(chance: Chance, prunes: boolean): Generator<RoundKind, never> {
  for (;;) {
    const deck = Object.entries(DECK).flatMap(([kind, count]) => Array<RoundKind>(count).fill(kind as RoundKind));
    // A stall takes longer than any other round, and goes on beside them: it comes first.
    yield "stall";
    deck.splice(deck.indexOf("stall"), 1);
    while (deck.length > 0) {
      const [kind = "anyMoment"] = deck.splice(chance.whole(0, deck.length - 1), 1);
      yield kind === "duringPruning" && !prunes ? "anyMoment" : kind;
    }
  }
}
