import { expect, test } from "vitest";
import { Stage3Queue } from "../../src/index.ts";

test("after a stop every call is refused, whatever its id", async () => {
  const stage3 = await Stage3Queue.open({ database: "memory:" });
  await stage3.stop();
  const { broker } = stage3;
  for (const call of [
    () => broker.status("no id"),
    () => broker.get("no id"),
    () => broker.abort("no id"),
    () => broker.result("no id"),
    () => broker.isQueued("no id"),
    () => broker.queues(),
    () => broker.enqueueMany("default", []),
    () => broker.dlq.list(),
    () => broker.dlq.requeue("no id"),
    () => broker.dlq.discard("no id"),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: "STOPPED" });
  }
});
