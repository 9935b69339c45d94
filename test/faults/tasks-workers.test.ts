import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { Stage3Queue } from "../../src/index.ts";
import { expectFailed } from "../fixtures/misbehaving.ts";
import { INSTANCE_TASKS, InstanceProcess } from "../fixtures/start-instance.ts";
import { until } from "../fixtures/told.ts";
import { testFault } from "../support/fault.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

testFault(
  {
    area: "tasks",
    fault: "kills its worker each time",
    injected: "SIGKILL to the application's process by each of two attempts",
    holds: "in the dead-letter queue with WORKER_DIED for each attempt; the next task runs",
  },
  async () => {
    const database = `sqlite:${join(temporaryFolder(), "queue.db")}`;
    const queue = { isolation: "inline", maxRestarts: 1, maxConcurrency: 1 } as const;
    const settings = { options: { database, queues: { default: queue } }, tasks: INSTANCE_TASKS, start: true };
    const stage3 = await Stage3Queue.open({ database, tasks: new URL(INSTANCE_TASKS), queues: { default: queue } });
    onTestFinished(() => stage3.kill());
    const id = await stage3.broker.enqueue("default", "killSelf", []);
    const next = await stage3.broker.enqueue("default", "give", ["next"]);
    for (let death = 0; death < 2; death += 1) {
      expect(await new InstanceProcess(settings).exited).toMatchObject({ signal: "SIGKILL" });
    }
    await stage3.start();
    expect(await stage3.broker.result(next)).toBe("next");
    expect(await stage3.broker.get(id)).toMatchObject({
      status: "in_dead_letter_queue",
      attempt: 2,
      failures: [{ code: "WORKER_DIED" }, { code: "WORKER_DIED" }],
    });
  },
);

testFault(
  {
    area: "tasks",
    fault: "a worker that keeps nothing beside one that keeps for ever",
    injected: "retention 0 of a worker of one topic, on the file of a worker of another",
    holds: "each removes the ended tasks of its own topics only",
  },
  async () => {
    const database = `sqlite:${join(temporaryFolder(), "queue.db")}`;
    const tasks = { nothing() {} };
    const [kept, removed] = await Promise.all(
      (["forever", 0] as const).map(async (retention) => {
        const options = { finished: retention, aborted: retention, dlq: retention };
        const topic = retention === 0 ? "removed" : "kept";
        const stage3 = await Stage3Queue.open({ database, tasks, queues: { [topic]: {} }, retention: options });
        onTestFinished(() => stage3.kill());
        await stage3.start();
        return stage3;
      }),
    );
    if (kept === undefined || removed === undefined) throw new Error("An instance is missing.");
    const id = await kept.broker.enqueue("kept", "nothing", []);
    await kept.broker.result(id);
    for (let round = 0; round < 3; round += 1) {
      const other = await removed.broker.enqueue("removed", "nothing", []);
      await until("its removal", async () => (await removed.broker.status(other)) === undefined);
    }
    expect(await kept.broker.status(id)).toBe("finished");
    await Promise.all([kept.stop(), removed.stop()]);
  },
);

testFault(
  {
    area: "tasks",
    fault: "floods stdout",
    injected: "50 MB to a stdout that nobody reads",
    holds: "the application answers meanwhile, the task finishes, and the next one runs",
  },
  async () => {
    const instance = new InstanceProcess(
      {
        options: {
          database: `sqlite:${join(temporaryFolder(), "queue.db")}`,
          queues: { default: { isolation: "process", maxRestarts: 0, maxConcurrency: 1, abortGrace: 50 } },
        },
        tasks: INSTANCE_TASKS,
        start: true,
      },
      {},
      "pipe",
    );
    await instance.ready;
    const id = await instance.enqueue("default", "flood", [50], { timeout: 5_000 });
    const next = await instance.enqueue("default", "give", ["next"]);
    expect(await instance.call("isReady")).toBe(true);
    expect(await instance.call("result", next)).toBe("next");
    expect(await instance.status(id)).toBe("finished");
    await instance.call("stop");
  },
);

testFault(
  {
    area: "tasks",
    fault: "fails to import once",
    injected:
      "a tasks module that throws when it is imported, at start, and in the process that replaces a crashed one",
    holds:
      "start rejects with the cause and can be called again; later, no task is to blame, and the queue goes on once it can be imported",
  },
  async () => {
    const folder = temporaryFolder();
    const obstacle = join(folder, "obstacle");
    process.env["STAGE3_TEST_OBSTACLE"] = obstacle;
    onTestFinished(() => void delete process.env["STAGE3_TEST_OBSTACLE"]);
    const stage3 = await Stage3Queue.open({
      database: `sqlite:${join(folder, "queue.db")}`,
      tasks: new URL("../fixtures/import-once-tasks.ts", import.meta.url),
      queues: { default: { isolation: "process", maxConcurrency: 1, maxRestarts: 1, maxBackoff: 0 } },
    });
    onTestFinished(() => stage3.stop());
    writeFileSync(obstacle, "");
    await expect(stage3.start()).rejects.toThrow("not this time");
    await stage3.start();
    const { broker } = stage3;
    const id = await broker.enqueue("default", "exit", [], { maxRestarts: 0 });
    await until("its end", () => broker.isInDlq(id));
    writeFileSync(obstacle, "");
    expect(await broker.result(await broker.enqueue("default", "add", [1, 2]))).toBe(3);
    expect(existsSync(obstacle)).toBe(false);
    const crashed = await broker.get(id);
    if (crashed !== undefined) expectFailed(crashed, "TASK_EXITED");
  },
);
