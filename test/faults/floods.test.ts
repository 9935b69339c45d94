import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { Stage3Queue } from "../../src/index.ts";
import { testFault } from "../support/fault.ts";
import { sizeOf } from "../support/forms.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const TASKS = sizeOf("tasks of a flood");
const LEASE_MS = 3_000;
/** Generous, for a machine that has other things to do; behind the flood it would be many times this. */
const ABORT_LIMIT_MS = 1_500;
const TIMEOUT_MS = 240_000;

/** A started instance, in which one task of the topic "held" runs for ever and the others of it wait. */
async function opened(): Promise<{ stage3: Stage3Queue; warnings: string[]; waiting: string[] }> {
  const stage3 = await Stage3Queue.open({
    database: `sqlite:${join(temporaryFolder(), "queue.db")}`,
    lease: LEASE_MS,
    durability: "process-crash",
    tasks: { hold: () => new Promise<void>(() => {}), nothing: () => undefined },
    queues: { flooded: { maxConcurrency: 5, maxQueueLen: Infinity }, held: { maxConcurrency: 1 } },
  });
  onTestFinished(() => stage3.kill());
  const warnings: string[] = [];
  stage3.events.on("warning", ({ code }) => warnings.push(code));
  await stage3.start();
  const ids = await stage3.broker.enqueueMany(
    "held",
    Array.from({ length: 20 }, () => ["hold", []] as const),
  );
  return { stage3, warnings, waiting: ids.slice(1) };
}

/** Aborts tasks that wait, one after another, until the flood is over; the times that it took, in milliseconds. */
async function abortMeanwhile(stage3: Stage3Queue, ids: string[], flood: Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let isOver = false;
  void flood.finally(() => (isOver = true));
  for (const id of ids) {
    if (isOver) break;
    const start = performance.now();
    expect(await stage3.broker.abort(id)).toBe(true);
    times.push(performance.now() - start);
    await delay(50);
  }
  return times;
}

testFault(
  {
    area: "races",
    fault: "a flood of enqueues that nobody awaits",
    injected: `400,000 calls of enqueue (the short form: 60,000) in one go, on a lease of 3 s; aborts of waiting tasks meanwhile`,
    holds: "each abort is answered within 1.5 s; no lease is lost; all that is acknowledged is stored",
  },
  async () => {
    const { stage3, warnings, waiting } = await opened();
    const calls: Promise<string>[] = [];
    for (let sent = 0; sent < TASKS; sent += 1) {
      calls.push(stage3.broker.enqueue("flooded", "nothing", [sent]));
      // The calls themselves keep the loop: as an application that reads its tasks from somewhere.
      if (sent % 1_000 === 999) await turn();
    }
    const flood = Promise.all(calls);
    const times = await abortMeanwhile(stage3, waiting, flood);
    expect(new Set(await flood).size).toBe(TASKS);
    expect(times.length).toBeGreaterThan(0);
    expect(Math.max(...times)).toBeLessThan(ABORT_LIMIT_MS);
    expect(warnings).toEqual([]);
    const counts = (await stage3.broker.queues()).find(({ topic }) => topic === "flooded");
    expect((counts?.queued ?? 0) + (counts?.running ?? 0) + (counts?.finished ?? 0)).toBe(TASKS);
  },
  TIMEOUT_MS,
);

testFault(
  {
    area: "races",
    fault: "a flood of enqueueMany that nobody awaits",
    injected: "as many tasks in calls of 1,000; aborts of waiting tasks meanwhile",
    holds: "each abort is answered within 1.5 s; no lease is lost; all that is acknowledged is stored",
  },
  async () => {
    const { stage3, warnings, waiting } = await opened();
    const thousand = Array.from({ length: 1_000 }, (_, index) => ["nothing", [index]] as const);
    const calls = Array.from({ length: TASKS / 1_000 }, () => stage3.broker.enqueueMany("flooded", thousand));
    const flood = Promise.all(calls);
    const times = await abortMeanwhile(stage3, waiting, flood);
    expect(new Set((await flood).flat()).size).toBe(TASKS);
    expect(times.length).toBeGreaterThan(0);
    expect(Math.max(...times)).toBeLessThan(ABORT_LIMIT_MS);
    expect(warnings).toEqual([]);
    const counts = (await stage3.broker.queues()).find(({ topic }) => topic === "flooded");
    expect((counts?.queued ?? 0) + (counts?.running ?? 0) + (counts?.finished ?? 0)).toBe(TASKS);
  },
  TIMEOUT_MS,
);

testFault(
  {
    area: "races",
    fault: "a stop in the middle of a flood",
    injected: "stop() behind as many unawaited calls of enqueue, while five tasks run and end by themselves",
    holds: "how they ended is written; what was acknowledged is stored; the rest is refused with STOPPED, within 6 s",
  },
  async () => {
    const file = join(temporaryFolder(), "queue.db");
    const options = { database: `sqlite:${file}`, durability: "process-crash" } as const;
    let begun = 0;
    const soon = (): Promise<string> => {
      begun += 1;
      return delay(300, "done");
    };
    const stage3 = await Stage3Queue.open({
      ...options,
      tasks: { soon },
      queues: { ending: { shutdownGrace: 3_000 }, flooded: { maxConcurrency: 1, maxQueueLen: Infinity } },
    });
    onTestFinished(() => stage3.kill());
    await stage3.start();
    const ending = await stage3.broker.enqueueMany(
      "ending",
      Array.from({ length: 5 }, () => ["soon", []] as const),
    );
    // What has not begun is given back, and the calls keep this thread's loop for some seconds.
    while (begun < ending.length) await turn();
    const calls = Array.from({ length: TASKS }, () => stage3.broker.enqueue("flooded", "soon", []));
    const settled = Promise.allSettled(calls);
    const start = performance.now();
    await stage3.stop();
    expect(performance.now() - start).toBeLessThan(6_000);
    const answers = await settled;
    const refused = answers.filter((answer) => answer.status === "rejected");
    expect(new Set(refused.map(({ reason }) => (reason as { code?: string }).code))).toEqual(new Set(["STOPPED"]));
    expect(refused.length).toBeGreaterThan(TASKS / 2);

    const after = await Stage3Queue.open(options);
    onTestFinished(() => after.stop());
    for (const id of ending) expect(await after.broker.status(id)).toBe("finished");
    const { broker } = after;
    const kept = answers.filter((answer) => answer.status === "fulfilled");
    expect(kept.length).toBeGreaterThan(0);
    for (const { value } of kept.filter((_, index) => index % 50 === 0)) {
      expect(await broker.status(value)).toBeDefined();
    }
  },
  TIMEOUT_MS,
);
