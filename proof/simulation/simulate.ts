import { seededRandom } from "../../src/testing/seeded-random.ts";
import { hasEnded, statusOf } from "../../src/core/transitions.ts";
import type { Rules } from "../history/rules.ts";
import type { HistoryEvent } from "../history/events.ts";
import type { StoredTask } from "../../src/storage/port.ts";
import { Chance } from "./chance.ts";
import { Chaos } from "./chaos.ts";
import { Client } from "./client.ts";
import { Cluster } from "./cluster.ts";
import { VirtualTime } from "./virtual-time.ts";
import { openMemory, openSqlite, randomWorld, type Connection, type World } from "./world.ts";

export interface SimulationOptions {
  /** Decides everything: the same seed gives the same history. */
  readonly seed: number;
  /** A folder for the SQLite database; none: the storage in memory. */
  readonly folder?: string | undefined;
}

export interface Simulation {
  readonly history: readonly HistoryEvent[];
  readonly rules: Rules;
}

/** How long things are broken, how long calls are made, and when everything must have come to an end, virtually. */
const LONGEST_CHAOS_MS = 20_000;
const LONGEST_END_MS = 60 * 60_000;
/** More than any seed needs; what goes on without an end is stopped here. */
const MOST_EVENTS = 100_000;

/** Runs production Engines on a production storage in virtual time, breaks what can break, and writes down what happens. */
export async function simulate({ seed, folder }: SimulationOptions): Promise<Simulation> {
  const history: HistoryEvent[] = [];
  const ids = new Set<string>();
  const record = (event: HistoryEvent): void => {
    history.push(event);
    for (const id of storedBy(event)) ids.add(id);
  };
  const chance = new Chance(seededRandom(seed));
  const world = randomWorld(chance);
  const time = new VirtualTime(chance.random);
  const open = folder === undefined ? await openMemory() : openSqlite(folder);
  const client = new Client(chance, world, record);
  const cluster = new Cluster({ world, time, chance, open, record, died: (worker) => client.died(worker) });
  const chaos = new Chaos({ cluster, world, time, chance });
  const observer = await open();
  try {
    for (let place = 0; place < cluster.size; place += 1) await cluster.start(place);
    chaos.begin();
    const chaosMs = chance.between(LONGEST_CHAOS_MS / 4, LONGEST_CHAOS_MS);
    callUntil(chaosMs, { time, chance, cluster, client });
    await time.run(chaosMs, () => history.length > MOST_EVENTS);
    record({ kind: "faultsOver" });
    await chaos.end();
    let isQuiet = false;
    for (let waited = 0; waited < LONGEST_END_MS && !isQuiet; waited += 1_000) {
      if (await time.run(time.now + 1_000, () => history.length > MOST_EVENTS)) break;
      isQuiet = !client.isWaiting && !cluster.isStopping && (await haveEnded(observer, ids));
    }
    for (const id of ids) record(toFinal(id, await observer.storage.get(id)));
    for (const worker of cluster.up) cluster.stop(worker);
    await time.run(time.now + 60_000, () => !cluster.isStopping);
  } finally {
    await cluster.close();
    await observer.close();
  }
  return { history, rules: rulesOf(world) };
}

function rulesOf({ queues, functions, leaseMs, retention }: World): Rules {
  const limits = [...queues.values()].map(({ topic, maxConcurrency }) => [topic, maxConcurrency] as const);
  const restartsOfTopics = [...queues.values()].map(({ topic, maxRestarts }) => [topic, maxRestarts] as const);
  const restartsOfFunctions = functions.flatMap(({ name, policy: { maxRestarts } }) =>
    maxRestarts === undefined ? [] : [[name, maxRestarts] as const],
  );
  const { finishedMs, abortedMs, dlqMs } = retention;
  return {
    restarts: {
      ofFunctions: Object.fromEntries(restartsOfFunctions),
      ofTopics: Object.fromEntries(restartsOfTopics),
    },
    maxConcurrency: Object.fromEntries(limits),
    leaseMs,
    retentionMs: { finished: finishedMs, aborted: abortedMs, in_dead_letter_queue: dlqMs },
  };
}

/** Calls at random moments, sometimes many at once. */
function callUntil(
  untilMs: number,
  parts: { time: VirtualTime; chance: Chance; cluster: Cluster; client: Client },
): void {
  const { time, chance, cluster, client } = parts;
  const pauseMs = chance.pick([50, 200, 800]);
  const next = (): void => {
    if (time.now >= untilMs) return;
    const { up } = cluster;
    if (up.length > 0) for (let left = chance.whole(1, 3); left > 0; left -= 1) client.call(chance.pick(up));
    time.schedule(chance.between(0, pauseMs), next);
  };
  next();
}

async function haveEnded({ storage }: Connection, ids: Iterable<string>): Promise<boolean> {
  for (const id of ids) {
    const state = await storage.state(id);
    if (state !== undefined && !hasEnded(state)) return false;
  }
  return true;
}

/** The tasks that somebody has tried to store. */
function storedBy(event: HistoryEvent): string[] {
  if (event.kind !== "committed") return [];
  return event.operations.flatMap((operation) => {
    if (operation.kind === "enqueue") return [operation.id];
    return operation.kind === "enqueueMany" ? operation.tasks.map(({ id }) => id) : [];
  });
}

function toFinal(id: string, task: StoredTask | undefined): HistoryEvent {
  if (task === undefined) return { kind: "final", id, status: undefined, attempt: 0 };
  const { state, attempt, result } = task;
  const failures = task.failureCount;
  return { kind: "final", id, status: statusOf(state), attempt, failures, ...(result === undefined ? {} : { result }) };
}
