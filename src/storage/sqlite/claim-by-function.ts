import type { ClaimOperation } from "../port.ts";
import { Heap } from "../heap.ts";
import { number, text, type Row } from "./row.ts";
import type { TurnContext } from "./turn-context.ts";

/** With more known functions than this, it costs less to read the counters of all functions. */
const MOST_ASKED_ONE_BY_ONE = 500;

interface Head {
  readonly key: number;
  readonly sequence: number;
  readonly function: string;
}

/**
 * The first `limit` ready tasks of known functions, in line order, found function by function: what it costs depends
 * on how many known functions have ready tasks, never on how many tasks of unknown ones stand before them.
 */
export function keysByFunction(turn: TurnContext, operation: ClaimOperation, limit: number): number[] {
  const { topic } = operation;
  turn.counters.flush();
  const found: number[] = [];
  for (const [priority, names] of readyFunctions(turn, operation)) {
    const heads = new Heap<Head>((a, b) => a.sequence < b.sequence);
    for (const name of names) pushNext(turn, heads, { topic, priority, name, after: 0 });
    while (found.length < limit) {
      const head = heads.pop();
      if (head === undefined) break;
      found.push(head.key);
      pushNext(turn, heads, { topic, priority, name: head.function, after: head.sequence });
    }
    if (found.length === limit) break;
  }
  return found;
}

/** By priority, the most urgent first: the known functions that have ready tasks. */
function readyFunctions(turn: TurnContext, operation: ClaimOperation): [number, string[]][] {
  const names = new Map<number, string[]>();
  for (const row of readyCounts(turn, operation)) {
    const name = text(row, "function");
    if (!operation.functions.has(name)) continue;
    const priority = number(row, "priority");
    const ofPriority = names.get(priority);
    if (ofPriority === undefined) names.set(priority, [name]);
    else ofPriority.push(name);
  }
  return [...names].toSorted(([a], [b]) => a - b);
}

/** Those of all functions in one statement, or, where only few are known, of each by itself. */
function readyCounts({ statements }: TurnContext, { topic, functions }: ClaimOperation): Row[] {
  const { readyFunctions: ofAll, readyPriorities: ofOne } = statements.selection;
  if (functions.size > MOST_ASKED_ONE_BY_ONE) return ofAll.all(topic);
  return [...functions.keys()].flatMap((name) => ofOne.all(topic, name));
}

function pushNext(
  { statements }: TurnContext,
  heads: Heap<Head>,
  { topic, priority, name, after }: { topic: string; priority: number; name: string; after: number },
): void {
  const row = statements.selection.readyOfFunction.get(topic, priority, name, after);
  if (row !== undefined) heads.push({ key: number(row, "key"), sequence: number(row, "sequence"), function: name });
}
