import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { openFiles } from "./open-files.ts";
import { startedProcesses } from "./processes.ts";
import { pendingTimers, watchTimers } from "./timers.ts";

/** Everything there is at one moment: what identifies it, and what to call it. */
export type Snapshot = ReadonlyMap<string, Leak>;

export interface Leak {
  readonly description: string;
  /** Removes it, so that the next test starts clean. */
  readonly end?: () => void;
}

const workers = new Map<number, Worker>();
const temporary = mkdtempSync(join(tmpdir(), "stage3-"));
const marker = `STAGE3_TEST_WORKER=${temporary}`;

/** Starts watching. From here on temporary files of this process and of all that it starts go to a folder of its own. */
export function watch(): void {
  process.env["STAGE3_TEST_WORKER"] = temporary; // inherited by every process that a test starts
  process.env["TMPDIR"] = temporary;
  process.on("worker", (worker) => {
    const id = worker.threadId;
    workers.set(id, worker);
    worker.once("exit", () => workers.delete(id));
  });
  watchTimers();
  // The streams open their handles at first use, which would look like a leak of the test that prints first.
  void process.stdout;
  void process.stderr;
}

export function removeTemporaryFiles(): void {
  rmSync(temporary, { recursive: true, force: true });
}

export function difference(after: Snapshot, before: Snapshot): Leak[] {
  return [...after].filter(([key]) => !before.has(key)).map(([, leak]) => leak);
}

export function takeSnapshot(): Snapshot {
  return new Map([
    ...countedLeaks("resource", activeResources()),
    ...countedLeaks("file", openFiles()),
    ...[...workers].map(([id, worker]) => named(`thread ${id}`, `worker thread ${id}`, () => void worker.terminate())),
    ...pendingTimers().map(({ handle, origin }) =>
      named(`timer ${Number(handle)}`, `timer, started ${origin}`, () => clearTimeout(handle)),
    ),
    ...startedProcesses(marker).map(({ pid, key, description }) => named(key, description, () => kill(pid))),
    ...readdirSync(temporary).map((name) => {
      const path = join(temporary, name);
      return named(`path ${path}`, `temporary file ${path}`, () => rmSync(path, { recursive: true, force: true }));
    }),
  ]);
}

function named(key: string, description: string, end?: () => void): [string, Leak] {
  return [key, end === undefined ? { description } : { description, end }];
}

/** Things without an identity: the third of a kind is one more than two. */
function countedLeaks(kind: string, names: readonly string[]): [string, Leak][] {
  const counts = new Map<string, number>();
  return names.map((name) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return named(`${kind} ${name} ${count}`, name);
  });
}

/**
 * Without timers, which are watched one by one since Vitest's own come and go, and without single file operations,
 * which end by themselves.
 */
function activeResources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name !== "Timeout" && !name.startsWith("FSReq"));
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
