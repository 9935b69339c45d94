import { assertNever } from "../../src/core/errors.ts";
import type { AttemptBegan, HistoryEvent, Invocation, WorkerEvent } from "../history/events.ts";
import type { DatedNote } from "./history-file.ts";
import { INLINE_TOPICS } from "./queues.ts";
import type { WorkerForm } from "./worker-settings.ts";

/** What the notes of processes come to. */
export interface ProcessHistory {
  readonly events: readonly HistoryEvent[];
  /** What no checker of histories sees, as sentences. */
  readonly faults: readonly string[];
  /** Workers that lost their lease although nobody had stalled them: on a machine that was too busy for them. */
  readonly starved: number;
  /** Attempts that were cut off by the death of their worker. */
  readonly cutOff: number;
  /** The longest that something of a worker was still seen after its death, in milliseconds. */
  readonly longestAfterDeathMs: number;
}

/** Children have to see that their parent is gone; on a busy machine that takes a while. */
const MOST_AFTER_DEATH_MS = 5_000;

/** Makes events out of notes: `formOf` tells how a worker was built. */
export function toHistory(notes: readonly DatedNote[], formOf: (worker: string) => WorkerForm): ProcessHistory {
  return new Translation(notes, formOf).run();
}

class Translation {
  readonly #notes: readonly DatedNote[];
  readonly #formOf: (worker: string) => WorkerForm;
  readonly #events: HistoryEvent[] = [];
  readonly #faults: string[] = [];
  /** By worker: the attempts that are not over, by task and number. */
  readonly #live = new Map<string, Map<string, AttemptBegan>>();
  readonly #workers = new Map<string, string>();
  readonly #abortAsked = new Set<string>();
  readonly #stalled = new Set<string>();
  readonly #stopping = new Set<string>();
  readonly #diedAt = new Map<string, number>();
  #cutOff = 0;
  #longestAfterDeathMs = 0;

  constructor(notes: readonly DatedNote[], formOf: (worker: string) => WorkerForm) {
    this.#notes = notes;
    this.#formOf = formOf;
  }

  run(): ProcessHistory {
    const starved = starvedWorkers(this.#notes);
    for (const note of this.#notes) {
      if (note.kind === "began") this.#workers.set(note.run, note.worker);
      if ("run" in note) this.#seen(this.#workers.get(note.run) ?? "", note.writtenAt);
      this.#take(note);
      // From when on it was taken for dead is not known.
      if (note.kind === "worker" && note.event === "started" && starved.has(note.worker)) this.#stall(note.worker);
    }
    if (this.#longestAfterDeathMs > MOST_AFTER_DEATH_MS) {
      this.#faults.push(`a child was still at work ${this.#longestAfterDeathMs} ms after the death of its worker`);
    }
    return {
      events: this.#events,
      faults: this.#faults,
      starved: starved.size,
      cutOff: this.#cutOff,
      longestAfterDeathMs: this.#longestAfterDeathMs,
    };
  }

  #take(note: DatedNote): void {
    switch (note.kind) {
      case "gone":
        return this.#gone(note);
      case "leaseLost":
        return this.#stall(note.worker);
      case "began":
        this.#events.push(this.#mayBeAbandoned(note) ? { ...note, mayBeAbandoned: true } : note);
        this.#of(note.worker).set(keyOf(note), note);
        if (note.mayTimeOut === true || this.#isDoomed(note)) this.#release(note);
        return;
      case "over":
        this.#events.push(note);
        return this.#over(note.run);
      case "invoked":
        this.#events.push(note);
        return this.#invoked(note);
      case "worker":
        return this.#worker(note, note.writtenAt);
      case "answered":
      case "committed":
      case "effect":
      case "released":
      case "lock":
      case "faultsOver":
      case "final":
        this.#events.push(note);
        return;
      default:
        assertNever(note);
    }
  }

  #gone({ worker, id, attempt }: { worker: string; id: string; attempt: number }): void {
    const began = this.#of(worker).get(keyOf({ id, attempt }));
    if (began === undefined) return;
    this.#of(worker).delete(keyOf(began));
    this.#events.push({ kind: "over", run: began.run, how: "killed" });
  }

  #over(run: string): void {
    const live = this.#of(this.#workers.get(run) ?? "");
    for (const [key, began] of live) if (began.run === run) live.delete(key);
  }

  #invoked({ request }: Invocation): void {
    if (request.method !== "abort") return;
    this.#abortAsked.add(request.id);
    for (const live of this.#live.values()) {
      for (const began of live.values()) if (began.id === request.id) this.#release(began);
    }
  }

  #worker(event: WorkerEvent, at: number): void {
    const { worker } = event;
    if (event.event === "crashed" && !this.#stalled.has(worker)) {
      this.#faults.push(`${worker} died although nobody had killed it`);
      this.#stall(worker);
    }
    if (event.event === "stalled") this.#stalled.add(worker);
    if (event.event === "stopping") this.#stopping.add(worker);
    if (event.event === "crashed") {
      this.#cutOff += this.#of(worker).size;
      this.#diedAt.set(worker, at);
    }
    this.#events.push(event);
    if (event.event === "stopping") for (const began of this.#of(worker).values()) this.#release(began);
    if (event.event === "stopped" || event.event === "crashed") this.#of(worker).clear();
  }

  #stall(worker: string): void {
    this.#stalled.add(worker);
    this.#events.push({ kind: "worker", worker, event: "stalled" });
  }

  /** Where nobody notes the end of a child that is killed, its slot may be another's from now on. */
  #release({ run, worker }: AttemptBegan): void {
    if (this.#formOf(worker) === "whole") this.#events.push({ kind: "released", run });
  }

  /** An abort, or a stop, that is asked for before an attempt begins may meet it all the same. */
  #isDoomed({ id, worker }: AttemptBegan): boolean {
    return this.#abortAsked.has(id) || this.#stopping.has(worker);
  }

  /** In place, a handler shares its loop with the Engine that aborts it, and obeys at once. */
  #mayBeAbandoned({ worker, topic }: AttemptBegan): boolean {
    return this.#formOf(worker) === "whole" && INLINE_TOPICS.some((inline) => inline === topic);
  }

  #seen(worker: string, at: number): void {
    const diedAt = this.#diedAt.get(worker);
    if (diedAt !== undefined) this.#longestAfterDeathMs = Math.max(this.#longestAfterDeathMs, at - diedAt);
  }

  #of(worker: string): Map<string, AttemptBegan> {
    const live = this.#live.get(worker) ?? new Map<string, AttemptBegan>();
    this.#live.set(worker, live);
    return live;
  }
}

/** Those that lost their lease without having been stalled before. */
function starvedWorkers(notes: readonly DatedNote[]): Set<string> {
  const stalled = new Set<string>();
  const starved = new Set<string>();
  for (const note of notes) {
    if (note.kind === "worker" && note.event === "stalled") stalled.add(note.worker);
    if (note.kind === "leaseLost" && !stalled.has(note.worker)) starved.add(note.worker);
  }
  return starved;
}

function keyOf({ id, attempt }: { id: string; attempt: number }): string {
  return `${id} ${attempt}`;
}
