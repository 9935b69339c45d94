import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, mock, test } from "node:test";
import { matching, openTestQueue, runHandler, type TestQueue } from "stage3queue/testing";
import { mailer } from "./mailer.ts";
import { signUp } from "./sign-up.ts";
import tasks from "./tasks.ts";

let stage3: TestQueue<typeof tasks>;
const { mock: send } = mock.method(mailer, "send", async () => {});

beforeEach(async () => {
  send.resetCalls();
  stage3 = await openTestQueue({ tasks, queues: { emails: {} } });
});

afterEach(async () => {
  await stage3.stop();
});

test("who signs up is welcomed", async () => {
  await signUp(stage3.broker, "ada@example.com");
  stage3.expectEnqueued("emails", "send welcome", ["ada@example.com"], { priority: 1 });
  assert.equal(send.callCount(), 0); // nothing runs until the test says so

  await stage3.drain();
  assert.deepEqual(send.calls[0]?.arguments.slice(0, 2), ["ada@example.com", "Welcome!"]);
});

test("who gives no address is not", async () => {
  await assert.rejects(signUp(stage3.broker, "ada"), RangeError);
  stage3.expectNotEnqueued("emails");
});

test("any part of the arguments may be a matcher", async () => {
  await signUp(stage3.broker, "ada@example.com");
  stage3.expectEnqueued("emails", "send welcome", [matching((address: string) => address.endsWith("@example.com"))]);
});

test("the welcome is sent again when the mail server is away for a while", async () => {
  send.mockImplementationOnce(() => Promise.reject(new Error("away")));
  await signUp(stage3.broker, "ada@example.com");

  const { finished } = await stage3.drain(); // moves the time on to the restart
  assert.equal(finished[0]?.attempt, 2);
  assert.equal(finished[0]?.failures[0]?.message, "away");
});

test("a mail server that does not answer costs ten seconds", async () => {
  send.mockImplementationOnce((_address, _text, signal) => wait(60_000, undefined, { signal }));
  await signUp(stage3.broker, "ada@example.com");

  const { restarting } = await stage3.advance("10s");
  assert.equal(restarting[0]?.failures[0]?.code, "TASK_TIMEOUT");
});

test("the newsletter tells how far it is", async () => {
  const { result, progress, logs } = await runHandler(tasks, "send newsletter", [["a@example.com", "b@example.com"]]);
  assert.equal(result, 2);
  assert.deepEqual(progress, [0.5, 1]);
  assert.deepEqual(logs, [{ message: "sent", fields: { count: 2 } }]);
});
