import { Heap } from "../../heap.ts";
import type { ClaimOperation } from "../../port.ts";
import type { Sql } from "../prepared.ts";
import { number, text, type Row } from "../row.ts";
import { TASK_COLUMNS } from "../task-row.ts";
import type { Turn } from "../turn.ts";
import { WORK_COLUMNS } from "../work.ts";

const CLAIMABLE = `SELECT ${TASK_COLUMNS},${WORK_COLUMNS}, sequence, expires_at`;

export const READY_TASKS_SQL: Sql<"head" | "byKey" | "line" | "nextFunction" | "ofFunction"> = {
  /** The head of a topic's line, with all that a claim hands out. */
  head: `
    ${CLAIMABLE}
    FROM tasks INDEXED BY tasks_ready
    WHERE topic = ? AND state = 'ready'
    ORDER BY priority, sequence
    LIMIT ?`,

  byKey: `
    ${CLAIMABLE}
    FROM tasks
    WHERE key = ?`,

  /** Ready tasks of a topic behind a place in its line. */
  line: `
    SELECT key, function, priority, sequence
    FROM tasks INDEXED BY tasks_ready
    WHERE topic = ? AND state = 'ready' AND (priority, sequence) > (?, ?)
    ORDER BY priority, sequence
    LIMIT ?`,

  /** The next function that has ready tasks, in the order of their names. */
  nextFunction: `
    SELECT function
    FROM tasks INDEXED BY tasks_ready_by_function
    WHERE topic = ? AND state = 'ready' AND function > ?
    ORDER BY function
    LIMIT 1`,

  /** The next ready task of one function behind a place in the line. */
  ofFunction: `
    SELECT key, priority, sequence
    FROM tasks INDEXED BY tasks_ready_by_function
    WHERE topic = ? AND function = ? AND state = 'ready' AND (priority, sequence) > (?, ?)
    ORDER BY priority, sequence
    LIMIT 1`,
};

/** How many ready tasks a claim looks at in the order of their line, at the least, before it goes by function. */
const LONGEST_SCAN = 1_000;
/** After so many unknown functions, it costs less to ask for each function that is known. */
const MOST_UNKNOWN_FUNCTIONS = 50;

/** A ready task, by where it stands in the line of its topic. */
interface Place {
  readonly key: number;
  readonly function: string;
  readonly priority: number;
  readonly sequence: number;
}

/**
 * The rows of the ready tasks that a claim may take, in the order in which they are to start. Where many tasks of unknown
 * functions stand in the way, as while a new version is being deployed, the lines of the known functions are merged: what
 * a claim costs does not grow with the tasks of others.
 */
export function* readyTasks(turn: Turn, { topic, functions, limit }: ClaimOperation): Generator<Row> {
  const { head, line, byKey } = turn.prepared.of(READY_TASKS_SQL);
  const rows = head.all(topic, limit);
  const known = rows.filter((row) => functions.has(text(row, "function")));
  yield* known;
  const last = rows.at(-1);
  if (last === undefined || rows.length < limit) return;
  let behind = toPlace(last);
  // As long as all of them are known, nothing stands in the way.
  if (known.length < limit) {
    const length = Math.max(LONGEST_SCAN - limit, limit);
    const places = line.all(topic, behind.priority, behind.sequence, length).map(toPlace);
    for (const place of places) if (functions.has(place.function)) yield byKey.get(place.key) ?? {};
    if (places.length < length) return;
    behind = places.at(-1) ?? behind;
  }
  for (const { key } of mergedLines(turn, { topic, functions, behind })) yield byKey.get(key) ?? {};
}

interface Lines {
  readonly topic: string;
  readonly functions: ClaimOperation["functions"];
  readonly behind: Pick<Place, "priority" | "sequence">;
}

/** The tasks of known functions behind a place. Each function has a line of its own, in order by its index. */
function* mergedLines(turn: Turn, lines: Lines): Generator<Place> {
  const heads = new Heap<Place>(isBefore);
  for (const name of readyFunctions(turn, lines)) {
    const head = nextOf(turn, lines, { name, behind: lines.behind });
    if (head !== undefined) heads.push(head);
  }
  for (let place = heads.pop(); place !== undefined; place = heads.pop()) {
    yield place;
    const next = nextOf(turn, lines, { name: place.function, behind: place });
    if (next !== undefined) heads.push(next);
  }
}

/** The known functions that may have ready tasks. */
function readyFunctions({ prepared }: Turn, { topic, functions }: Lines): Iterable<string> {
  const { nextFunction } = prepared.of(READY_TASKS_SQL);
  const known: string[] = [];
  let unknown = 0;
  for (let row = nextFunction.get(topic, ""); row !== undefined;) {
    const name = text(row, "function");
    if (functions.has(name)) known.push(name);
    else unknown += 1;
    if (unknown > MOST_UNKNOWN_FUNCTIONS) return functions.keys();
    row = nextFunction.get(topic, name);
  }
  return known;
}

function nextOf(
  { prepared }: Turn,
  { topic }: Lines,
  { name, behind }: { readonly name: string; readonly behind: Pick<Place, "priority" | "sequence"> },
): Place | undefined {
  const row = prepared.of(READY_TASKS_SQL).ofFunction.get(topic, name, behind.priority, behind.sequence);
  return row && toPlace({ ...row, function: name });
}

function isBefore(a: Place, b: Place): boolean {
  return a.priority < b.priority || (a.priority === b.priority && a.sequence < b.sequence);
}

function toPlace(row: Row): Place {
  return {
    key: number(row, "key"),
    function: text(row, "function"),
    priority: number(row, "priority"),
    sequence: number(row, "sequence"),
  };
}
