import { FreeSlots } from "../free-slots.ts";
import type { DatabaseSync } from "node:sqlite";
import type { Operation, OperationOutcome } from "../port.ts";
import { apply } from "./apply.ts";
import { isFaultOfOperation, toOperationError } from "./errors.ts";
import type { Statements } from "./statements/all.ts";
import { TurnCounters } from "./turn-counters.ts";
import type { TurnContext } from "./turn-context.ts";

/** One transaction's worth of work. */
export interface Turn {
  readonly operations: readonly Operation[];
  readonly now: number;
}

type Outcomes = OperationOutcome<Operation>[];

/**
 * Applies a turn as one transaction. The common way has no savepoints; where an operation turns out to be one that
 * cannot be stored, everything is rolled back and done again, each operation by itself.
 */
export function runTurn(database: DatabaseSync, statements: Statements, turn: Turn): Outcomes {
  try {
    return inTransaction(database, () => applyTogether(statements, turn));
  } catch (error) {
    if (!isFaultOfOperation(error)) throw error;
    return inTransaction(database, () => applyOneByOne(database, statements, turn));
  }
}

function inTransaction(database: DatabaseSync, work: () => Outcomes): Outcomes {
  database.exec("BEGIN IMMEDIATE");
  try {
    const outcomes = work();
    database.exec("COMMIT");
    return outcomes;
  } catch (error) {
    // Some errors (a full disk) have rolled back already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function applyTogether(statements: Statements, { operations, now }: Turn): Outcomes {
  const context = newContext(statements, now);
  const outcomes = operations.map((operation) => ({ ok: true, value: apply(context, operation) }) as const);
  context.counters.flush();
  return outcomes;
}

function applyOneByOne(database: DatabaseSync, statements: Statements, { operations, now }: Turn): Outcomes {
  const context = newContext(statements, now);
  return operations.map((operation) => {
    database.exec("SAVEPOINT operation");
    const giveBackSlots = context.freeSlots.mark();
    try {
      const value = apply(context, operation);
      context.counters.flush();
      database.exec("RELEASE operation");
      return { ok: true, value };
    } catch (error) {
      if (!isFaultOfOperation(error)) throw error;
      context.counters.clear();
      giveBackSlots();
      database.exec("ROLLBACK TO operation; RELEASE operation");
      return { ok: false, error: toOperationError(error) };
    }
  });
}

function newContext(statements: Statements, now: number): TurnContext {
  return { statements, counters: new TurnCounters(statements.counters), now, freeSlots: new FreeSlots() };
}
