import { expect } from "vitest";
import type { OperationResults, Storage } from "../../../src/storage/port.ts";
import type { TaskStatus } from "../../../src/core/task.ts";
import { currentTask } from "../../../src/tasks/current-task.ts";
import { seededRandom } from "../../../src/testing/seeded-random.ts";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";
import { type InPlace, openInPlace } from "../../support/engine-in-place.ts";

/** How many tasks race at once in one run. */
export const RACES_A_RUN = 50;

const LEASE_MS = 300;
const LATEST_MS = 250;
const ENDS: readonly (TaskStatus | undefined)[] = ["finished", "in_dead_letter_queue", "aborted"];

export interface AbortRaceOptions {
  readonly seed: number;
  /** One for each of the Engines that share the tasks. */
  readonly storages: readonly Storage[];
}

/** What the races of one run ended in. */
export interface RaceEnds {
  readonly finished: number;
  readonly dead: number;
  readonly aborted: number;
}

/** What one task does. */
interface Plan {
  readonly runMs: number;
  readonly turns: number;
  readonly way: "finish" | "fail" | "obey" | "ignore";
  /** By which Engine it is aborted. */
  readonly by: number;
  /** Whether it is aborted while it starts, or while it ends; else at any moment, or at those too. */
  readonly near: "start" | "end" | "any";
  /** How many turns of the event loop lie between. */
  readonly gap: number;
}

/** One abort: when it was answered, and what. */
interface AbortCall {
  readonly answer: boolean;
  readonly status: TaskStatus | undefined;
  readonly startsBefore: number;
}

/**
 * Aborts tasks at random moments: while they wait, are claimed, run, end, fail, wait for a restart, or are rescued, for
 * worker after worker is taken for dead while it works. Throws where an end and the answers do not agree.
 */
export async function raceAborts({ seed, storages }: AbortRaceOptions): Promise<RaceEnds> {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const upTo = (most: number): number => Math.floor(random.fraction() * (most + 1));
  const pick = <const Item>(items: readonly [Item, ...Item[]]): Item => items[upTo(items.length - 1)] ?? items[0];
  /** A moment between others of the same millisecond. */
  const later = async (delayMs: number, turns: number): Promise<void> => {
    if (delayMs > 0) await new Promise<void>((resolve) => clock.setTimer(delayMs, resolve));
    for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => clock.defer(resolve));
  };
  const starts = new Map<string, number>();
  const calls = new Map<string, AbortCall[]>();
  const underWay: Promise<void>[] = [];
  const abort = async (id: string, by: number): Promise<void> => {
    const broker = engines[by]?.broker;
    if (broker === undefined) throw new RangeError(`There is no Engine ${by}.`);
    const answer = await broker.abort(id);
    const startsBefore = starts.get(id) ?? 0;
    const status = await broker.status(id);
    calls.set(id, [...(calls.get(id) ?? []), { answer, status, startsBefore }]);
  };
  const tasks = {
    async race({ runMs, turns, way, by, near, gap }: Plan): Promise<string> {
      const { id, signal, attempt } = currentTask();
      starts.set(id, (starts.get(id) ?? 0) + 1);
      if (near === "start") underWay.push(later(0, gap).then(() => abort(id, by)));
      const ran = later(runMs, turns);
      const told = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      await (way === "ignore" ? ran : Promise.race([ran, told]));
      if (near === "end") underWay.push(abort(id, by));
      if (near === "end") await later(0, gap);
      if (way === "obey") signal.throwIfAborted();
      if (way === "fail" && attempt < 3) throw new Error("once more");
      return "done";
    },
  };
  const settings = { leaseMs: LEASE_MS };
  const queues = { default: { maxConcurrency: 8, maxBackoffMs: pick([0, 15]), maxQueueLen: Infinity } };
  const engines: InPlace<typeof tasks>[] = [];
  const written = new Set<string>();
  for (const storage of storages) noteAborts(storage, written);
  for (const [index, storage] of storages.entries()) {
    engines.push(
      await openInPlace(tasks, { clock, storage, queues, settings: { ...settings, instance: `engine-${index}` } }),
    );
  }
  const [first] = engines;
  if (first === undefined) throw new Error("There is no storage.");
  for (const { engine } of engines) await engine.start();

  const ids = await Promise.all(
    Array.from({ length: RACES_A_RUN }, async () => {
      const way = pick(["finish", "fail", "obey", "ignore"]);
      const options = { maxRestarts: upTo(2), abortGrace: pick([0, 10, 40]), priority: 1 + upTo(2) };
      const by = upTo(engines.length - 1);
      const near = pick(["start", "end", "any"]);
      const plan: Plan = { runMs: upTo(40), turns: upTo(4), way, by, near, gap: upTo(4) };
      const id = await first.broker.enqueue("default", "race", [plan], options);
      for (let count = near === "any" ? 1 + upTo(2) : upTo(1); count > 0; count--) {
        const other = upTo(engines.length - 1);
        underWay.push(later(upTo(LATEST_MS), upTo(6)).then(() => abort(id, other)));
      }
      return id;
    }),
  );
  for (let count = upTo(3); count > 0; count--) {
    const storage = storages[upTo(storages.length - 1)];
    if (storage !== undefined) underWay.push(later(upTo(LATEST_MS), upTo(4)).then(() => takeForDead(storage, clock)));
  }

  await clock.advance(LATEST_MS);
  await clock.advance(6 * LEASE_MS);
  await Promise.all(underWay);
  const ends = await Promise.all(ids.map((id) => first.broker.status(id)));
  for (const [index, id] of ids.entries()) {
    const race = { seed, id, end: ends[index], wasWritten: written.has(id) };
    judge({ ...race, calls: calls.get(id) ?? [], starts: starts.get(id) ?? 0 });
  }
  const told = engines.flatMap(({ events }) => events.filter(({ name }) => name === "finished" || name === "aborted"));
  for (const engine of engines) await engine[Symbol.asyncDispose]();
  const tasksTold = told.flatMap((event) => ("taskId" in event ? [event.taskId] : []));
  expect(new Set(tasksTold).size, `seed ${seed}: an end was told of twice`).toBe(tasksTold.length);
  const count = (end: TaskStatus): number => ends.filter((each) => each === end).length;
  return { finished: count("finished"), dead: count("in_dead_letter_queue"), aborted: count("aborted") };
}

/** Another worker takes one for dead that works on, and rescues what it runs. */
async function takeForDead(storage: Storage, clock: VirtualClock): Promise<void> {
  const [worker] = await storage.workers();
  if (worker === undefined) return;
  const failure = { code: "WORKER_DIED", message: "gone" } as const;
  const { id, heartbeat } = worker;
  await storage.turn([{ kind: "rescue", worker: id, heartbeat, failure, limit: 1_000 }], { now: clock.now() });
}

/** Notes the tasks into whose rows an abort was written while they lived. */
function noteAborts(storage: Storage, written: Set<string>): void {
  const turn = storage.turn.bind(storage);
  storage.turn = async (operations, time) => {
    const answer = await turn(operations, time);
    for (const [index, operation] of operations.entries()) {
      const outcome = answer.outcomes[index];
      if (operation.kind !== "abort" || outcome?.ok !== true) continue;
      const { kind } = outcome.value as OperationResults["abort"];
      if (kind === "aborted" || kind === "requested") written.add(operation.id);
    }
    return answer;
  };
}

interface Race {
  readonly seed: number;
  readonly id: string;
  readonly end: TaskStatus | undefined;
  readonly wasWritten: boolean;
  readonly calls: readonly AbortCall[];
  readonly starts: number;
}

function judge({ seed, id, end, wasWritten, calls, starts }: Race): void {
  const what = `seed ${seed}, task ${id}, ended as ${end}, answers ${JSON.stringify(calls)}, starts ${starts}`;
  expect(ENDS, what).toContain(end);
  expect(calls.length, what).toBeGreaterThan(0);
  // True to one at least if, and only if, it was aborted.
  const told = calls.some(({ answer }) => answer);
  expect(told, what).toBe(end === "aborted");
  expect(wasWritten, what).toBe(end === "aborted");
  for (const { answer, status, startsBefore } of calls) {
    // By the time of an answer, either way, the task has the end that it keeps, and starts no more.
    expect(status, what).toBe(end);
    if (answer) expect(starts, what).toBe(startsBefore);
  }
}
