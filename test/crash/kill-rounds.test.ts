import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { Stage3Queue } from "../../src/index.ts";
import { InstanceProcess } from "../fixtures/start-instance.ts";
import { until } from "../fixtures/told.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { faultsOf, type History, readHistory } from "./history.ts";
import { Load } from "./load.ts";
import { markedGoneAfterMs, markedProcesses } from "./marked-processes.ts";

const ROUNDS = process.env["STAGE3_LONG"] === "1" ? 200 : 50;
const SEED = Number(process.env["STAGE3_SEED"] ?? 1_414_213);
/** How long a worker lives once it has started. */
const LONGEST_LIFE_MS = 250;
/** One worker in so many is killed while it still starts, after at most so long. */
const KILLED_AT_START = 0.15;
const LONGEST_START_MS = 200;
const MAX_RESTARTS = 3;
const MAX_CONCURRENCY = { a: 3, b: 8 };

const QUEUES = {
  a: { maxConcurrency: MAX_CONCURRENCY.a, maxRestarts: MAX_RESTARTS, maxBackoff: 20, maxQueueLen: 10_000 },
  b: {
    maxConcurrency: MAX_CONCURRENCY.b,
    maxRestarts: MAX_RESTARTS,
    maxBackoff: 20,
    maxQueueLen: 10_000,
    isolation: "inline",
  },
} as const;

const TASKS = new URL("./fixtures/history-tasks.ts", import.meta.url).href;

test(`${ROUNDS} times a worker is killed under load, and nothing is lost`, { timeout: ROUNDS * 2_000 }, async () => {
  const random = seededRandom(SEED);
  const folder = temporaryFolder();
  const history = join(folder, "history");
  const database = `sqlite:${join(folder, "queue.db")}`;
  const startWorker = (round: number): InstanceProcess =>
    new InstanceProcess(
      { options: { database, queues: QUEUES }, tasks: TASKS, start: true },
      { STAGE3_TEST_ROUND: `${SEED}-${round}` },
    );

  let worker = startWorker(0);
  await worker.ready;
  const stage3 = await Stage3Queue.open({
    database,
    queues: { a: { maxQueueLen: 10_000 }, b: { maxQueueLen: 10_000 } },
  });
  onTestFinished(() => stage3.kill());
  const load = new Load({ stage3, random, history });

  const goneAfterMs: Promise<number>[] = [];
  let mostProcesses = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (random.fraction() < KILLED_AT_START) await delay(random.fraction() * LONGEST_START_MS);
    else {
      await worker.ready;
      await delay(random.fraction() * LONGEST_LIFE_MS);
    }
    const marker = `STAGE3_TEST_ROUND=${SEED}-${round}`;
    mostProcesses = Math.max(mostProcesses, markedProcesses(marker).length);
    await worker.kill();
    appendFileSync(history, `${JSON.stringify({ kind: "killed", worker: worker.pid })}\n`);
    goneAfterMs.push(markedGoneAfterMs(marker));
    worker = startWorker(round + 1);
  }
  await worker.ready;
  await load.stop();
  await until("every task has ended", async () => (await load.open()) === 0, 30_000);
  await worker.call("stop");
  const gone = (await Promise.all(goneAfterMs)).toSorted((a, b) => a - b);

  const judged: History = {
    lines: readHistory(readFileSync(history, "utf8")),
    acknowledged: [...load.outcomes.keys()],
    ends: await load.ends(),
    maxRestarts: MAX_RESTARTS,
    maxConcurrency: MAX_CONCURRENCY,
  };
  await stage3.stop();
  const { cut, again } = report(judged, load, gone);
  expect(faultsOf(judged)).toEqual([]);
  // A child that was still starting has to come so far that it sees its parent gone: on a busy machine that takes long.
  expect(gone[Math.floor(ROUNDS * 0.8)]).toBeLessThan(1_000);
  expect(gone.at(-1)).toBeLessThan(5_000);
  // Else the kills met nothing.
  expect(cut + again).toBeGreaterThan(ROUNDS / 2);
  expect(mostProcesses).toBeGreaterThan(1);
});

/** Prints what happened: how many attempts were cut off, and how many ran again although they had come to their end. */
function report(history: History, load: Load, gone: readonly number[]): { cut: number; again: number } {
  const { lines, ends, acknowledged } = history;
  const ended = new Set(lines.map((line) => (line.kind === "end" ? `${line.id} ${line.attempt}` : "")));
  const starts = lines.filter((line) => line.kind === "start");
  const cut = starts.filter((line) => !ended.has(`${line.id} ${line.attempt}`)).length;
  const again = lines.filter(
    (line) =>
      line.kind === "end" &&
      load.outcomes.get(line.id)?.[line.attempt - 1] === "return" &&
      line.attempt < (ends.get(line.id)?.attempt ?? 0),
  ).length;
  const dead = [...ends.values()].filter(({ status }) => status === "in_dead_letter_queue").length;
  console.log(
    `seed ${SEED}, ${ROUNDS} rounds: ${acknowledged.length} tasks, ${starts.length} attempts, ${cut} cut off by a kill, ` +
      `${again} ended but not recorded and run again, ${dead} in the dead-letter queue; ` +
      `processes gone after ${Math.ceil(gone[gone.length / 2] ?? 0)} ms in the median, ${Math.ceil(gone.at(-1) ?? 0)} ms at most`,
  );
  return { cut, again };
}
