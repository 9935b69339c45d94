import { setTimeout as wait } from "node:timers/promises";
import { openTestQueue, runHandler, type TestQueue } from "stage3queue/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { mailer } from "./mailer.ts";
import { signUp } from "./sign-up.ts";
import tasks from "./tasks.ts";

let stage3: TestQueue<typeof tasks>;
const send = vi.spyOn(mailer, "send");

beforeEach(async () => {
  send.mockReset().mockResolvedValue();
  stage3 = await openTestQueue({ tasks, queues: { emails: {} } });
});

afterEach(async () => {
  await stage3.stop();
});

test("who signs up is welcomed", async () => {
  await signUp(stage3.broker, "ada@example.com");
  stage3.expectEnqueued("emails", "send welcome", ["ada@example.com"], { priority: 1 });
  expect(send).not.toHaveBeenCalled(); // nothing runs until the test says so

  await stage3.drain();
  expect(send).toHaveBeenCalledWith("ada@example.com", "Welcome!", expect.any(AbortSignal));
});

test("who gives no address is not", async () => {
  await expect(signUp(stage3.broker, "ada")).rejects.toThrow(RangeError);
  stage3.expectNotEnqueued("emails");
});

test("any part of the arguments may be a matcher", async () => {
  await signUp(stage3.broker, "ada@example.com");
  stage3.expectEnqueued("emails", "send welcome", [expect.stringMatching(/@example\.com$/u)]);
});

test("the welcome is sent again when the mail server is away for a while", async () => {
  send.mockRejectedValueOnce(new Error("away"));
  await signUp(stage3.broker, "ada@example.com");

  const { finished } = await stage3.drain(); // moves the time on to the restart
  expect(finished).toMatchObject([{ attempt: 2, failures: [{ code: "TASK_FAILED", message: "away" }] }]);
});

test("a mail server that does not answer costs ten seconds", async () => {
  send.mockImplementationOnce((_address, _text, signal) => wait(60_000, undefined, { signal }));
  await signUp(stage3.broker, "ada@example.com");

  const { restarting } = await stage3.advance("10s");
  expect(restarting).toMatchObject([{ failures: [{ code: "TASK_TIMEOUT" }] }]);
});

test("the newsletter tells how far it is", async () => {
  const { result, progress, logs } = await runHandler(tasks, "send newsletter", [["a@example.com", "b@example.com"]]);
  expect(result).toBe(2);
  expect(progress).toEqual([0.5, 1]);
  expect(logs).toEqual([{ message: "sent", fields: { count: 2 } }]);
});

test("the newsletter stops between two e-mails when it is aborted", async () => {
  const controller = new AbortController();
  send.mockImplementationOnce(async () => controller.abort());
  const { signal } = controller;

  const sending = runHandler(tasks, "send newsletter", [["a@example.com", "b@example.com"]], { signal });
  await expect(sending).rejects.toMatchObject({ name: "AbortError" });
  expect(send).toHaveBeenCalledTimes(1);
});
