import { expect, test } from "vitest";
import { Outbox } from "../../../src/engine/thread/outbox.ts";

test("posts what was sent in one stretch of code as one", async () => {
  const posted: (readonly number[])[] = [];
  const outbox = new Outbox<number>((messages) => void posted.push(messages));
  outbox.send(1);
  outbox.send(2);
  await Promise.resolve();
  outbox.send(3);
  await Promise.resolve();
  expect(posted).toEqual([[1, 2], [3]]);
});

test("a message that cannot be posted takes no other with it", async () => {
  const posted: unknown[] = [];
  const post = (messages: readonly unknown[]): void => {
    posted.push(...structuredClone(messages));
  };
  const outbox = new Outbox<unknown>(post, (message) => (typeof message === "function" ? "instead" : undefined));
  for (const message of ["before", () => 1, "after"]) outbox.send(message);
  await Promise.resolve();
  expect(posted).toEqual(["before", "instead", "after"]);
});
