import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { Stage3Queue } from "../../src/broker/stage3queue.ts";
import type { Stage3Events } from "../../src/core/events.ts";
import { toFetchHandler } from "../../src/http/fetch-handler.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** An instance that is not started, on a database of its own, with two topics of one module. */
async function openProducer(source: string): Promise<{ stage3: Stage3Queue; folder: string }> {
  const folder = temporaryFolder();
  const file = join(folder, "tasks.mjs");
  writeFileSync(file, source);
  const tasks = pathToFileURL(file);
  const database = `sqlite:${join(folder, "q.db")}`;
  const stage3 = await Stage3Queue.open({ database, tasks, queues: { emails: {}, reports: { isolation: "thread" } } });
  onTestFinished(() => stage3.stop());
  return { stage3, folder };
}

test("tasks that cannot be loaded are a 500 with a fixed sentence, and a warning on the server", async () => {
  const { stage3, folder } = await openProducer('throw new Error("the secret is 4711");');
  const warnings: Stage3Events["warning"][] = [];
  stage3.events.on("warning", (warning) => warnings.push(warning));
  const reported: unknown[] = [];
  const handler = toFetchHandler(stage3, { token: false, onError: (error) => reported.push(error) });
  const body = JSON.stringify({ topic: "emails", function: "run", args: [] });
  const headers = { "content-type": "application/json" };
  const response = await handler(new Request("http://localhost/", { method: "POST", body, headers }));
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ message: "The tasks of this queue cannot be loaded", status: "error" });
  expect(warnings).toMatchObject([{ code: "TASKS_NOT_LOADED", message: expect.stringContaining("4711") }]);
  expect(warnings[0]?.message).toContain(folder);
  expect(reported).toMatchObject([{ code: "TASKS_NOT_LOADED" }]);
});

test("a producer imports a module once for all of its topics", async () => {
  const { stage3, folder } = await openProducer(`
    import { appendFileSync } from "node:fs";
    import { isMainThread } from "node:worker_threads";
    appendFileSync(new URL("./imports", import.meta.url), isMainThread ? "process\\n" : "thread\\n");
    const run = Object.freeze({ [Symbol.for("stage3queue.task")]: true, policy: { isolation: "thread" }, handler: () => 1 });
    export default { run };
  `);
  const { broker } = stage3;
  await Promise.all([broker.enqueue("emails", "run", []), broker.enqueue("reports", "run", [])]);
  await expect(broker.enqueue("reports", "walk", [])).rejects.toMatchObject({ code: "FUNCTION_NOT_FOUND" });
  expect(readFileSync(join(folder, "imports"), "utf8").split("\n").filter(Boolean)).toHaveLength(1);
});
