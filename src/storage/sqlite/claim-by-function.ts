import type { ClaimOperation } from "../port.ts";
import { Heap } from "../heap.ts";
import { number, text } from "./row.ts";
import type { TurnContext } from "./turn-context.ts";

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
function readyFunctions({ statements }: TurnContext, { topic, functions }: ClaimOperation): Map<number, string[]> {
  const names = new Map<number, string[]>();
  for (const row of statements.selection.readyFunctions.all(topic)) {
    const name = text(row, "function");
    if (!functions.has(name)) continue;
    const priority = number(row, "priority");
    const ofPriority = names.get(priority);
    if (ofPriority === undefined) names.set(priority, [name]);
    else ofPriority.push(name);
  }
  return names;
}

function pushNext(
  { statements }: TurnContext,
  heads: Heap<Head>,
  { topic, priority, name, after }: { topic: string; priority: number; name: string; after: number },
): void {
  const row = statements.selection.readyOfFunction.get(topic, priority, name, after);
  if (row !== undefined) heads.push({ key: number(row, "key"), sequence: number(row, "sequence"), function: name });
}
