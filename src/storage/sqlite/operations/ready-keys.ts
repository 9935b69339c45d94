import { Heap } from "../../heap.ts";
import type { ClaimOperation } from "../../port.ts";
import { number, text } from "../row.ts";
import type { Turn } from "../turn.ts";
import type { Sql } from "../prepared.ts";

export const READY_KEYS_SQL: Sql<"nextFunction" | "ofFunction"> = {
  /** The next function that has ready tasks, in the order of their names. */
  nextFunction: `
    SELECT function
    FROM tasks INDEXED BY tasks_ready
    WHERE topic = ? AND state = 'ready' AND function > ?
    ORDER BY function
    LIMIT 1`,

  /** Ready tasks of one function behind a place in its line. */
  ofFunction: `
    SELECT key, priority, sequence
    FROM tasks INDEXED BY tasks_ready
    WHERE topic = ? AND function = ? AND state = 'ready' AND (priority, sequence) > (?, ?)
    ORDER BY priority, sequence
    LIMIT ?`,
};

/** After so many unknown functions, it costs less to ask for each function that is known. */
const MOST_UNKNOWN_FUNCTIONS = 50;
const LARGEST_BATCH = 1_000;

interface Place {
  readonly key: number;
  readonly priority: number;
  readonly sequence: number;
}

/** The line of one function, from which keys are read some at a time. */
interface Line {
  readonly function: string;
  readonly batch: Place[];
  next: number;
}

/**
 * The keys of the ready tasks that a claim may take, in the order in which they are to start: merged from the lines of the
 * functions, each of which is in order by its index. What it costs depends on how many known functions have ready
 * tasks, and never on how many tasks of unknown ones stand before them.
 */
export function* readyKeys(turn: Turn, operation: ClaimOperation): Generator<number> {
  const names = readyFunctions(turn, operation);
  const size = Math.min(Math.max(Math.ceil(operation.limit / Math.max(names.length, 1)), 2), LARGEST_BATCH);
  const lines = new Heap<Line>(isBefore);
  for (const name of names) {
    const line = { function: name, batch: readBatch(turn, operation.topic, { name, size }), next: 0 };
    if (line.batch.length > 0) lines.push(line);
  }
  for (let line = lines.pop(); line !== undefined; line = lines.pop()) {
    const place = headOf(line);
    yield place.key;
    line.next += 1;
    if (line.next < line.batch.length) lines.push(line);
    else if (line.batch.length === size) {
      const batch = readBatch(turn, operation.topic, { name: line.function, size, after: place });
      if (batch.length > 0) lines.push({ function: line.function, batch, next: 0 });
    }
  }
}

/** The known functions that may have ready tasks. */
function readyFunctions({ prepared }: Turn, { topic, functions }: ClaimOperation): string[] {
  const { nextFunction } = prepared.of(READY_KEYS_SQL);
  const known: string[] = [];
  let unknown = 0;
  for (let row = nextFunction.get(topic, ""); row !== undefined;) {
    const name = text(row, "function");
    if (functions.has(name)) known.push(name);
    else unknown += 1;
    if (unknown > MOST_UNKNOWN_FUNCTIONS) return [...functions.keys()];
    row = nextFunction.get(topic, name);
  }
  return known;
}

function readBatch(
  { prepared }: Turn,
  topic: string,
  { name, size, after }: { readonly name: string; readonly size: number; readonly after?: Place },
): Place[] {
  const { ofFunction } = prepared.of(READY_KEYS_SQL);
  const rows = ofFunction.all(topic, name, after?.priority ?? 0, after?.sequence ?? 0, size);
  return rows.map((row) => ({
    key: number(row, "key"),
    priority: number(row, "priority"),
    sequence: number(row, "sequence"),
  }));
}

function isBefore(one: Line, other: Line): boolean {
  const [a, b] = [headOf(one), headOf(other)];
  return a.priority < b.priority || (a.priority === b.priority && a.sequence < b.sequence);
}

function headOf({ batch, next }: Line): Place {
  const place = batch[next];
  if (place === undefined) throw new RangeError("A line without tasks is none.");
  return place;
}
