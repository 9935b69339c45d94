import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Stage3Queue, type Stage3QueueOptions } from "../../src/index.ts";
import { INSTANCE_TASKS, InstanceProcess } from "../fixtures/start-instance.ts";
import { told } from "../fixtures/told.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const QUEUES = {
  default: {},
  memory: { persistent: false, abortGrace: 50 },
  inline: { persistent: false, isolation: "inline" },
} as const;

async function openHere(options: Stage3QueueOptions): Promise<Stage3Queue> {
  const stage3 = await Stage3Queue.open({ tasks: new URL(INSTANCE_TASKS), queues: QUEUES, ...options });
  onTestFinished(() => stage3.kill());
  return stage3;
}

test.each(["memory", "inline"])("arguments that JSON does not carry reach the handler (topic %s)", async (topic) => {
  const stage3 = await openHere({ database: `sqlite:${join(temporaryFolder(), "queue.db")}` });
  const args = [new Map([["at", new Date(0)]]), new Set([1n]), new Uint8Array([1, 255])];
  await expect(stage3.broker.enqueue(topic, "inspect", args)).rejects.toMatchObject({ code: "INVALID_OPTION" });
  await stage3.start();
  const id = await stage3.broker.enqueue(topic, "inspect", args);
  expect(await stage3.broker.result(id)).toBe(
    "Map(1) { 'at' => 1970-01-01T00:00:00.000Z } Set(1) { 1n } Uint8Array(2) [ 1, 255 ]",
  );
  expect(await stage3.broker.get(id)).toMatchObject({ args });
  await stage3.stop();
});

test("its tasks are unseen by another process, and gone with their own", async () => {
  const folder = temporaryFolder();
  const [database, file] = [`sqlite:${join(folder, "queue.db")}`, join(folder, "told")];
  const owner = new InstanceProcess({ options: { database, queues: QUEUES }, tasks: INSTANCE_TASKS, start: true });
  await owner.ready;
  const other = await openHere({ database, queues: { default: {} } });
  const id = await owner.enqueue("memory", "hangOnce", [file]);
  await told(file, "begun");
  const stored = await owner.enqueue("default", "nothing");
  expect(await owner.status(id)).toBe("running");
  expect(await other.broker.status(id)).toBeUndefined();
  expect(await other.broker.abort(id)).toBe(false);
  expect(await other.broker.result(stored)).toBeUndefined();
  await expect(other.broker.enqueue("memory", "nothing", [])).rejects.toMatchObject({ code: "TOPIC_NOT_FOUND" });
  expect((await other.broker.queues()).map(({ topic }) => topic)).toEqual(["default"]);
  await owner.kill();
  const next = new InstanceProcess({ options: { database, queues: QUEUES }, tasks: INSTANCE_TASKS, start: true });
  await next.ready;
  expect(await next.status(id)).toBeUndefined();
  expect(await next.status(stored)).toBe("finished");
});

test("it takes tasks again after the death of the Engine's thread, which loses what it held", async () => {
  const folder = temporaryFolder();
  const [database, file] = [`sqlite:${join(folder, "queue.db")}`, join(folder, "told")];
  const owner = new InstanceProcess({ options: { database, queues: QUEUES }, tasks: INSTANCE_TASKS, start: true });
  await owner.ready;
  const id = await owner.enqueue("memory", "hangOnce", [file]);
  await told(file, "begun");
  const result = expect(owner.call("result", id)).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  await owner.call("status", id);
  await owner.call("endThread");
  await result;
  const again = await owner.enqueue("memory", "give", [5]);
  expect(await owner.call("result", again)).toBe(5);
});

test("one on a database in memory lives beside it", async () => {
  const stage3 = await openHere({ database: "memory:" });
  await stage3.start();
  const ids = await Promise.all(["default", "memory"].map((topic) => stage3.broker.enqueue(topic, "give", [topic])));
  expect(await Promise.all(ids.map((id) => stage3.broker.result(id)))).toEqual(["default", "memory"]);
  const spinning = await stage3.broker.enqueue("memory", "spin", [join(temporaryFolder(), "told")]);
  expect(await stage3.broker.abort(spinning)).toBe(true);
  await stage3.stop();
});

test("tasks that were stored before stay so: they can be asked for and aborted, and nobody runs them here", async () => {
  const database = `sqlite:${join(temporaryFolder(), "queue.db")}`;
  const stored = await openHere({ database, queues: { memory: {} } });
  const ids = await stored.broker.enqueueMany("memory", [
    ["give", [1]],
    ["give", [2]],
  ]);
  await stored.stop();
  const stage3 = await openHere({ database });
  await stage3.start();
  expect(await stage3.broker.result(await stage3.broker.enqueue("memory", "give", [3]))).toBe(3);
  expect(await Promise.all(ids.map((id) => stage3.broker.status(id)))).toEqual(["queued", "queued"]);
  expect(await stage3.broker.abort(String(ids[0]))).toBe(true);
  await stage3.stop();
  const again = await openHere({ database, queues: { memory: {} } });
  await again.start();
  expect(await again.broker.result(String(ids[1]))).toBe(2);
  await again.stop();
});

test("a handler gets the arguments as they were when they were enqueued", async () => {
  const stage3 = await openHere({ database: "memory:" });
  await stage3.start();
  const seen = new Map([["at", 1]]);
  const enqueued = stage3.broker.enqueue("inline", "inspect", [seen, new Set(), new Uint8Array()]);
  seen.set("at", 2);
  expect(await stage3.broker.result(await enqueued)).toMatch("'at' => 1");
  await stage3.stop();
});

test("a database in memory is lost with the Engine's thread", async () => {
  const options = { database: "memory:", queues: { default: {} } };
  const owner = new InstanceProcess({ options, tasks: INSTANCE_TASKS, start: true });
  await owner.ready;
  const id = await owner.enqueue("default", "give", [5]);
  expect(await owner.call("result", id)).toBe(5);
  await owner.call("endThread");
  const again = await owner.enqueue("default", "give", [6]);
  expect(await owner.call("result", again)).toBe(6);
  expect(await owner.status(id)).toBeUndefined();
});
