import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { Stage3Queue } from "../../src/index.ts";
import { currentTask } from "../../src/tasks.ts";
import { goneAfterMs, isAlive } from "../fixtures/liveness.ts";
import { INSTANCE_TASKS, InstanceProcess } from "../fixtures/start-instance.ts";
import { linesOf, told, until } from "../fixtures/told.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const LEAVING = fileURLToPath(new URL("../fixtures/open-and-leave.ts", import.meta.url));
const TASKS = new URL(INSTANCE_TASKS);

describe("a script that does not stop its instance", () => {
  /** Resolves when the script has printed its line, which is its last call's answer. */
  async function leave(...words: readonly string[]): Promise<ChildProcess> {
    const script = spawn(process.execPath, [LEAVING, join(temporaryFolder(), "queue.db"), ...words], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(async () => {
      script.kill("SIGKILL");
      if (script.exitCode === null && script.signalCode === null) await once(script, "exit");
    });
    const [printed] = (await once(script.stdout, "data")) as [Buffer];
    expect(String(printed)).toMatch(/^[\da-f-]{36} (queued|running|finished)\n$/u);
    return script;
  }

  test.each(["silent", "listener"])("ends by itself when it was only opened (%s)", async (listener) => {
    const script = await leave("open", listener);
    const answered = performance.now();
    expect(script.exitCode ?? (await once(script, "exit"))[0]).toBe(0);
    expect(performance.now() - answered).toBeLessThan(1_000);
  });

  test("stays when it was started, until it stops", async () => {
    const script = await leave("start");
    await delay(400);
    expect(script.exitCode).toBeNull();
    const exited = once(script, "exit");
    script.kill("SIGUSR2");
    expect(await exited).toEqual([0, null]);
  });
});

describe("stop", () => {
  const GRACES = { shutdownGrace: 150, abortGrace: 150 };

  async function openHere(isolation: "process" | "thread" | "inline", database?: string): Promise<Opened> {
    const folder = temporaryFolder();
    const file = database ?? join(folder, "queue.db");
    const stage3 = await Stage3Queue.open({
      database: `sqlite:${file}`,
      tasks: TASKS,
      queues: { default: { ...GRACES, isolation } },
    });
    onTestFinished(() => stage3.kill());
    return { stage3, file: join(folder, "told"), database: file };
  }

  interface Opened {
    readonly stage3: Stage3Queue;
    readonly file: string;
    readonly database: string;
  }

  test.each(["process", "thread", "inline"] as const)("lets a short task end (%s)", async (isolation) => {
    const { stage3, file, database } = await openHere(isolation);
    await stage3.start();
    const id = await stage3.broker.enqueue("default", "pause", [file, 60]);
    await told(file, "begun");
    await stage3.stop();
    const later = await openHere(isolation, database);
    expect(await later.stage3.broker.get(id)).toMatchObject({ status: "finished", attempt: 1, failures: [] });
    await later.stage3.stop();
  });

  test.each([
    ["process", "obey"],
    ["process", "spin"],
    ["thread", "obey"],
    ["thread", "spin"],
    ["inline", "obey"],
  ] as const)("gives back what runs longer, its attempt not counted (%s, %s)", async (isolation, name) => {
    const { stage3, file, database } = await openHere(isolation);
    await stage3.start();
    const id = await stage3.broker.enqueue("default", name, [file]);
    const [, pid] = await told(file, "begun");
    const asked = performance.now();
    await stage3.stop();
    const tookMs = performance.now() - asked;
    // It had its grace, and what does not obey another one.
    expect(tookMs).toBeGreaterThanOrEqual(GRACES.shutdownGrace + (name === "spin" ? GRACES.abortGrace : 0) - 2);
    expect(tookMs).toBeLessThan(1_000);
    expect(linesOf(file)).toHaveLength(name === "spin" ? 1 : 2);
    if (isolation === "process") expect(isAlive(Number(pid))).toBe(false);
    const later = await openHere(isolation, database);
    expect(await later.stage3.broker.get(id)).toMatchObject({ status: "queued", attempt: 0, failures: [] });
    await later.stage3.stop();
  });

  test.each(["process", "thread", "inline"] as const)(
    "records what returns after its signal, and gives back uncounted what rejects (%s)",
    async (isolation) => {
      const { stage3, file, database } = await openHere(isolation);
      await stage3.start();
      const [returns, rejects] = [`${file} returns`, `${file} rejects`];
      const returned = await stage3.broker.enqueue("default", "returnWhenAsked", [returns], { maxRestarts: 0 });
      const rejected = await stage3.broker.enqueue("default", "obey", [rejects], { maxRestarts: 0 });
      await Promise.all([told(returns, "begun"), told(rejects, "begun")]);
      await stage3.stop();
      const { broker } = (await openHere(isolation, database)).stage3;
      expect(await broker.get(returned)).toMatchObject({ status: "finished", attempt: 1, result: "tidied up" });
      expect(await broker.get(rejected)).toMatchObject({ status: "queued", attempt: 0, failures: [] });
    },
  );

  test.each(["process", "thread"] as const)(
    "gives back at once what waits for a %s, and begins it no more",
    async (isolation) => {
      const folder = temporaryFolder();
      const file = join(folder, "told");
      const options = {
        database: `sqlite:${join(folder, "queue.db")}`,
        tasks: new URL("../fixtures/slow-to-load-tasks.ts", import.meta.url),
        queues: { default: { isolation, shutdownGrace: "20s" } },
      };
      const stage3 = await Stage3Queue.open(options);
      onTestFinished(() => stage3.kill());
      await stage3.start();
      const started: string[] = [];
      stage3.events.on("started", ({ taskId }) => started.push(taskId));
      const ids = await Promise.all(
        Array.from({ length: 6 }, () => stage3.broker.enqueue("default", "pause", [file, 200], { timeout: "30s" })),
      );
      await told(file, "begun");
      await stage3.stop();
      // Another one may have been loaded and idle already.
      expect(started.length).toBeLessThanOrEqual(2);
      expect(linesOf(file)).toHaveLength(2 * started.length);
      const later = await Stage3Queue.open(options);
      onTestFinished(() => later.kill());
      for (const id of ids) {
        const task = started.includes(id) ? { status: "finished", attempt: 1 } : { status: "queued", attempt: 0 };
        expect(await later.broker.get(id)).toMatchObject({ ...task, failures: [] });
      }
    },
  );

  test("lets another process abort what may still go on", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "told");
    const options = {
      database: `sqlite:${join(folder, "queue.db")}`,
      tasks: TASKS,
      queues: { default: { shutdownGrace: "20s", abortGrace: 100 } },
    };
    const [stage3, other] = [await Stage3Queue.open(options), await Stage3Queue.open(options)];
    onTestFinished(() => Promise.all([stage3.kill(), other.kill()]).then(() => undefined));
    await stage3.start();
    const id = await stage3.broker.enqueue("default", "obey", [file]);
    await told(file, "begun");
    const stopping = stage3.stop();
    expect(await other.broker.abort(id)).toBe(true);
    await stopping;
    expect(await other.broker.status(id)).toBe("aborted");
  });

  test("can be called twice, and what is called afterwards is refused", async () => {
    const { stage3 } = await openHere("process");
    await stage3.start();
    await Promise.all([stage3.stop(), stage3.stop()]);
    await stage3.stop();
    await expect(stage3.broker.enqueue("default", "nothing", [])).rejects.toMatchObject({ code: "STOPPED" });
    await expect(stage3.start()).rejects.toMatchObject({ code: "STOPPED" });
    expect(await stage3.isReady()).toBe(false);
  });
});

test("kill ends at once, and the next worker runs again what ran", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "told");
  const queues = { default: { shutdownGrace: "10s", abortGrace: "10s", maxBackoff: 0 } };
  const options = { database: `sqlite:${join(folder, "queue.db")}`, lease: 300, queues };
  // In a process of its own: the dead child stays in the table until the process that started it is gone as well.
  const first = new InstanceProcess({ options, tasks: INSTANCE_TASKS, start: true });
  await first.ready;
  const id = await first.enqueue("default", "hangOnce", [file]);
  const [, pid] = await told(file, "begun");
  const asked = performance.now();
  await first.call("kill");
  expect(performance.now() - asked).toBeLessThan(500);
  expect(await goneAfterMs([Number(pid)])).toBeLessThan(100);

  // The first process lives on: it is its lease that tells that nobody works there.
  const second = new InstanceProcess({ options, tasks: INSTANCE_TASKS, start: true });
  await second.ready;
  await until("it has finished", async () => (await second.status(id)) === "finished");
  expect(await second.get(id)).toMatchObject({ attempt: 2, failures: [{ code: "WORKER_DIED" }] });
  await first.letGo();
  expect(await first.exited).toEqual({ code: 0, signal: null });
});

test("kill asks inline handlers to stop", async () => {
  const { promise, resolve } = Promise.withResolvers<AbortSignal>();
  const hang = (): Promise<never> => {
    resolve(currentTask().signal);
    return new Promise(() => {});
  };
  const stage3 = await Stage3Queue.open({ database: "memory:", tasks: { hang } });
  onTestFinished(() => stage3.kill());
  await stage3.start();
  await stage3.broker.enqueue("default", "hang", []);
  const signal = await promise;
  await stage3.kill();
  expect(signal.aborted).toBe(true);
});

test("what cannot be sent to the Engine's thread is refused, and takes no other call along", async () => {
  const stage3 = await Stage3Queue.open({ database: "memory:", tasks: { run: () => 1 } });
  onTestFinished(() => stage3.kill());
  const { broker } = stage3;
  const topic = (() => "default") as unknown as string;
  const name = Symbol("run") as unknown as string;
  const neighbour = broker.enqueue("default", "run", []);
  await expect(broker.enqueue(topic, "run", [])).rejects.toMatchObject({ code: "TOPIC_NOT_FOUND" });
  await expect(broker.enqueue("default", name, [])).rejects.toMatchObject({ code: "FUNCTION_NOT_FOUND" });
  await expect(broker.dlq.list({ topic })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  await expect(broker.dlq.list({ after: topic })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  expect(await broker.status(await neighbour)).toBe("queued");
});

test("two instances in one process, on one file, are independent", async () => {
  const database = `sqlite:${join(temporaryFolder(), "queue.db")}`;
  const ran: string[] = [];
  const openOne = async (name: string): Promise<Stage3Queue> => {
    const tasks = { note: (label: string) => void ran.push(`${name} ${label}`) };
    const stage3 = await Stage3Queue.open({ database, tasks, queues: { [name]: {} } });
    await stage3.start();
    return stage3;
  };
  const [one, two] = await Promise.all([openOne("one"), openOne("two")]);
  // Each runs what is its own, whoever enqueues it.
  await Promise.all([one.broker.enqueue("two", "note", ["from one"]), two.broker.enqueue("one", "note", ["from two"])]);
  await until("both have run", () => ran.length === 2);
  expect(ran.toSorted()).toEqual(["one from two", "two from one"]);
  await one.stop();
  expect(await two.isReady()).toBe(true);
  const later = await two.broker.enqueue("one", "note", ["later"]);
  await two.broker.enqueue("two", "note", ["later"]);
  await until("the other one still works", () => ran.includes("two later"));
  expect(await two.broker.status(later)).toBe("queued");
  await two.kill();
});

test("a blocked application delays no task in a process, and does not lose its lease", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "told");
  const options = { database: `sqlite:${join(folder, "queue.db")}`, lease: 300 };
  const queues = { default: { maxBackoff: 0, maxConcurrency: 3 } };
  const blocked = new InstanceProcess({ options: { ...options, queues }, tasks: INSTANCE_TASKS, start: true });
  await blocked.ready;
  // It watches the other's lease, and would rescue its tasks and run them.
  const other = new InstanceProcess({
    options: { ...options, queues: { other: {} } },
    tasks: INSTANCE_TASKS,
    start: true,
  });
  await other.ready;
  const notes = Array.from({ length: 10 }, (_, number) => ["note", [file, `note${number}`]]);
  const { from, to, ids } = await blocked.call<{ from: number; to: number; ids: string[] }>(
    "enqueueAndBlock",
    "default",
    [["pause", [file, 700]], ...notes],
    1_500,
  );
  const noted = linesOf(file).filter((line) => line.startsWith("note"));
  expect(noted).toHaveLength(10);
  for (const line of noted) expect(Number(line.split(" ")[1])).toBeLessThan(to);
  console.log(
    `while the application was blocked, the last task started after ${Number(noted.at(-1)?.split(" ")[1]) - from} ms`,
  );
  // Ended while the application was blocked as well.
  expect(linesOf(file).some((line) => line.startsWith("over"))).toBe(true);
  for (const id of ids) {
    await until("it has finished", async () => (await blocked.status(id)) === "finished");
    expect(await blocked.get(id)).toMatchObject({ attempt: 1, failures: [] });
  }
  expect([...blocked.events, ...other.events]).toEqual([]);
});
