import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { systemClock } from "../../src/core/clock.ts";
import type { HistoryEvent } from "../history/events.ts";

/** What processes write down while they are killed: events of the history, and what becomes some. */
export type Note =
  | HistoryEvent
  /** The worker has seen the end of that attempt: nothing of it is left. */
  | { readonly kind: "gone"; readonly worker: string; readonly id: string; readonly attempt: number }
  /** The worker has found that others took it for dead. */
  | { readonly kind: "leaseLost"; readonly worker: string };

/** A note with the moment it was written at, in milliseconds since 1970. */
export type DatedNote = Note & { readonly writtenAt: number };

/**
 * A file that any number of processes append to, one write a line: the order of lines is that in which things happened.
 * A process that is killed while it writes leaves a broken line, which is never mixed with another.
 */
export class HistoryFile {
  readonly #descriptor: number;

  constructor(file: string) {
    this.#descriptor = openSync(file, "a");
  }

  note(note: Note): void {
    writeSync(this.#descriptor, `\n${JSON.stringify({ ...note, writtenAt: systemClock.now() })}\n`);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** The notes in their order, without those that were cut off. */
export function readNotes(file: string): DatedNote[] {
  return readFileSync(file, "utf8").split("\n").flatMap(parseLine);
}

function parseLine(line: string): DatedNote[] {
  if (line === "") return [];
  try {
    return [JSON.parse(line) as DatedNote];
  } catch {
    return [];
  }
}
