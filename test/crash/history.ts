/** One line that a task, or the test itself, has written while processes were killed. The order of lines is that of time. */
export type HistoryLine =
  /** An attempt has begun, in a child of the worker or in the worker itself. */
  | { readonly kind: "start"; readonly id: string; readonly attempt: number; readonly topic: string; worker: number }
  /** The handler's last act, whatever it then did: return, throw or exit. */
  | { readonly kind: "end"; readonly id: string; readonly attempt: number; readonly topic: string; worker: number }
  /** The worker's process is gone. */
  | { readonly kind: "killed"; readonly worker: number }
  /** The database was asked, and had the task's end on record. */
  | { readonly kind: "settled"; readonly id: string };

/** What the database says of a task at the end. */
export interface EndRecord {
  readonly status: string;
  readonly attempt: number;
}

export interface History {
  readonly lines: readonly HistoryLine[];
  /** The ids that `enqueue` has answered with. */
  readonly acknowledged: readonly string[];
  /** What became of each of them; nothing for one that the database does not know. */
  readonly ends: ReadonlyMap<string, EndRecord>;
  readonly maxRestarts: number;
  /** How many attempts of a topic may run at once in one worker. */
  readonly maxConcurrency: Readonly<Record<string, number>>;
}

const END_STATES: ReadonlySet<string> = new Set(["finished", "in_dead_letter_queue", "aborted"]);

/** Everything in a history that must not be, as sentences; none where all is well. */
export function faultsOf(history: History): string[] {
  return [
    ...lostTasks(history),
    ...attemptsOutOfLimits(history),
    ...attemptsWithoutOrder(history),
    ...startsAfterTheEnd(history),
    ...tooManyAtOnce(history),
    ...endsWithoutWork(history),
  ];
}

/** No acknowledged task is lost, and each has ended; and nothing runs that was never enqueued. */
function* lostTasks({ acknowledged, ends, lines }: History): Iterable<string> {
  for (const id of acknowledged) {
    const end = ends.get(id);
    if (end === undefined) yield `${id} was acknowledged and is lost`;
    else if (!END_STATES.has(end.status)) yield `${id} has not ended: it is ${end.status}`;
  }
  const known = new Set(acknowledged);
  if (known.size < acknowledged.length) yield "an id was given to two tasks";
  const strangers = lines.filter((line) => line.kind === "start" && !known.has(line.id));
  for (const line of strangers) if (line.kind === "start") yield `${line.id} ran and was never acknowledged`;
}

function* attemptsOutOfLimits({ lines, ends, maxRestarts }: History): Iterable<string> {
  for (const line of lines) {
    if (line.kind === "start" && line.attempt > 1 + maxRestarts) yield `${line.id} began attempt ${line.attempt}`;
  }
  for (const [id, { attempt }] of ends) {
    if (attempt > 1 + maxRestarts) yield `${id} has counted ${attempt} attempts`;
  }
}

/** An attempt is begun once at most: no two workers hold the same one. */
function* attemptsWithoutOrder({ lines }: History): Iterable<string> {
  const begun = new Set<string>();
  for (const line of lines) {
    if (line.kind !== "start") continue;
    const attempt = `attempt ${line.attempt} of ${line.id}`;
    if (begun.has(attempt)) yield `${attempt} began twice`;
    begun.add(attempt);
  }
}

function* startsAfterTheEnd({ lines }: History): Iterable<string> {
  const settled = new Set<string>();
  for (const line of lines) {
    if (line.kind === "settled") settled.add(line.id);
    if (line.kind === "start" && settled.has(line.id)) yield `${line.id} was started again after its end`;
  }
}

function* tooManyAtOnce({ lines, maxConcurrency }: History): Iterable<string> {
  const running = new Map<string, Set<string>>();
  for (const line of lines) {
    if (line.kind === "killed") {
      for (const topic of Object.keys(maxConcurrency)) running.delete(`${line.worker} ${topic}`);
    } else if (line.kind !== "settled") {
      const place = `${line.worker} ${line.topic}`;
      const attempts = running.get(place) ?? new Set();
      running.set(place, attempts);
      if (line.kind === "end") attempts.delete(`${line.id} ${line.attempt}`);
      else attempts.add(`${line.id} ${line.attempt}`);
      if (attempts.size > (maxConcurrency[line.topic] ?? 0)) {
        yield `${attempts.size} attempts ran at once in worker ${line.worker}, topic ${line.topic}`;
      }
    }
  }
}

/** A task that is on record as finished has come to the end of a handler, in an attempt that it had. */
function* endsWithoutWork({ lines, ends, maxRestarts }: History): Iterable<string> {
  const ended = new Set(lines.map((line) => (line.kind === "end" ? `${line.id} ${line.attempt}` : "")));
  for (const [id, { status, attempt }] of ends) {
    if (status === "finished" && !ended.has(`${id} ${attempt}`)) yield `${id} is finished, and never came to an end`;
    if (status === "in_dead_letter_queue" && attempt !== 1 + maxRestarts) {
      yield `${id} was given up after ${attempt} attempts`;
    }
  }
}

/** Reads what tasks wrote: a JSON text a line. A last line that was cut off by a kill is left out. */
export function readHistory(text: string): HistoryLine[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as HistoryLine);
}
