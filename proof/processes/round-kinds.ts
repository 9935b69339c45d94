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
  /** A process is killed while it brings a database of the first schema up to date. */
  | "upgrade"
  /** SIGSTOP, and SIGCONT when its lease has run out. */
  | "stall"
  /** SIGTERM. */
  | "terminate"
  /** SIGTERM, and another one a little later. */
  | "terminateTwice";

/** How many rounds of which kind come in one shuffled deck. */
const DECK: Readonly<Record<RoundKind, number>> = {
  anyMoment: 3,
  starting: 1,
  afterClaim: 2,
  beforeSettle: 2,
  afterSettle: 1,
  insideCommit: 2,
  duringPruning: 2,
  afterLeaving: 1,
  migration: 1,
  upgrade: 1,
  stall: 1,
  terminate: 2,
  terminateTwice: 1,
};

const DECK_SIZE = Object.values(DECK).reduce((sum, count) => sum + count, 0);
const MOST_DECKS = 5;

/** In which order they are told. */
export const ROUND_KINDS: readonly RoundKind[] = Object.keys(DECK) as RoundKind[];

/**
 * How many rounds are played on the database of that number, from 0: a deck on the first two, then more. However many
 * there are in all, so that a seed plays the same rounds in a short run as in a long one.
 */
export function roundsOnDatabase(number: number): number {
  return DECK_SIZE * Math.min(MOST_DECKS, 2 ** Math.floor(number / 2));
}

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
