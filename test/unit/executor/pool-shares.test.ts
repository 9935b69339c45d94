import { expect, test } from "vitest";
import { request } from "../../fixtures/requests.ts";
import { bodyOf, openReady, openScripted } from "../../fixtures/scripted-pool.ts";

test("topics of one module share its members, and each has its functions from the first", async () => {
  const opened = openScripted({ maxSize: 1, spares: 0 });
  const other = opened.share("reports", 1);
  const described = Promise.all([opened.pool.describe(), other.describe()]);
  bodyOf(opened, 0).ready(["a", "b"]);
  const [first, second] = await described;
  expect(second).toBe(first);
  expect(await opened.share("late", 1).describe()).toBe(first);
  await Promise.all([opened.run("a").outcome, bodyOf(opened, 0).settle()]);
  other.run(request("b"));
  expect(opened.bodies).toHaveLength(1);
  expect(bodyOf(opened, 0).runs).toEqual(["a", "b"]);
});

test("there may be as many members as the topics together may have attempts, and no topic has more than its own", async () => {
  const opened = openReady({ maxSize: 2, spares: 0 });
  const other = opened.share("reports", 1);
  for (const name of ["a", "a", "a"]) opened.run(name);
  for (const name of ["b", "b", "b"]) other.run(request(name));
  await opened.clock.advance(60);
  for (let next = 1; next < opened.bodies.length; next += 1) bodyOf(opened, next).ready();
  expect(opened.bodies).toHaveLength(3);
  expect(opened.bodies.flatMap(({ runs }) => runs).toSorted()).toEqual(["a", "a", "b"]);
  const ofOther = opened.bodies.find(({ runs }) => runs.includes("b"));
  ofOther?.settle();
  expect(ofOther?.runs).toEqual(["b", "b"]);
});

test("a topic with many waiting attempts does not keep those of others waiting", () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  const others = [opened.share("reports", 1), opened.share("invoices", 1)];
  for (let count = 0; count < 5; count += 1) opened.run("a");
  for (const [index, other] of others.entries()) other.run(request(index === 0 ? "b" : "c"));
  const body = bodyOf(opened, 0);
  for (let count = 0; count < 4; count += 1) body.settle();
  expect(body.runs).toEqual(["a", "a", "b", "c", "a"]);
});

test("a topic that stops lets only its own attempts go, and the members go with the last topic", async () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  const other = opened.share("reports", 1);
  const runs = opened.run("a");
  const waits = opened.run("b");
  const ofOther = other.run(request("c"));
  const stopped: string[] = [];
  const stops = opened.pool.stop().then(() => stopped.push("emails"));
  expect(await waits.outcome).toEqual({ kind: "blameless" });
  expect(await opened.run("d").outcome).toEqual({ kind: "blameless" });
  await expect(opened.pool.describe()).rejects.toMatchObject({ code: "STOPPED" });
  expect(stopped).toEqual([]);
  bodyOf(opened, 0).settle();
  expect(await runs.outcome).toEqual({ kind: "finished" });
  await stops;
  expect(bodyOf(opened, 0).runs).toEqual(["a", "c"]);
  expect(bodyOf(opened, 0).wasAskedToLeave).toBe(false);
  const end = other.stop().then(() => stopped.push("reports"));
  bodyOf(opened, 0).settle();
  expect(await ofOther.outcome).toEqual({ kind: "finished" });
  expect(bodyOf(opened, 0).wasAskedToLeave).toBe(true);
  for (const body of opened.bodies) if (!body.exited) body.go();
  await end;
  expect(stopped).toEqual(["emails", "reports"]);
  expect(opened.clock.pendingTimers).toBe(0);
});

test("every topic learns that nothing can be started, and one warning names them", async () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  const others = ["b", "c", "d", "e"].map((topic) => opened.share(topic, 1));
  opened.run("a");
  opened.refuse(true);
  expect(await opened.run("a").outcome).toEqual({ kind: "blameless" });
  expect(await others[0]?.run(request("a")).outcome).toEqual({ kind: "blameless" });
  expect(opened.unavailable).toHaveLength(5);
  expect(opened.unavailable.every(({ cannotStart }) => cannotStart)).toBe(true);
  expect(opened.warnings).toEqual([
    'WORKER_CANNOT_START Queues "emails", "b", "c" and 2 more claim nothing, because what runs their tasks cannot be ' +
      "started. That is tried again until it can. no process",
  ]);
});

test("a topic that comes later is not offered what the module, loaded anew, does not have any more", async () => {
  const opened = openReady({ maxSize: 1, spares: 0 });
  opened.run("a");
  bodyOf(opened, 0).go();
  bodyOf(opened, 1).ready(["a", "c"]);
  const later = opened.share("reports", 1);
  expect((await later.describe()).map(({ name }) => name)).toEqual(["a", "c"]);
});
