import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Channel } from "../../../src/executor/channel.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("carries messages of any size and script, in order", async () => {
  const [left, right] = await socketPair();
  const sent = ["a", "\n\r\u2028", "ünïcödé 🐘".repeat(50_000), "", "\u{10FFFF}"];
  const received: string[] = [];
  const ended = Promise.withResolvers<void>();
  const channel = new Channel<never, string>(left, { onMessage: () => {}, onEnd: () => {} });
  new Channel<string, never>(right, { onMessage: (message) => void received.push(message), onEnd: ended.resolve });
  for (const message of sent) channel.send(message);
  left.end();
  await ended.promise;
  expect(received).toEqual(sent);
});

test("ends at what is no message", async () => {
  const [left, right] = await socketPair();
  const received: unknown[] = [];
  const ended = Promise.withResolvers<void>();
  new Channel<unknown, never>(right, { onMessage: (message) => void received.push(message), onEnd: ended.resolve });
  left.write('{"a":1}\n{nonsense\n{"b":2}\n');
  await ended.promise;
  expect(received).toEqual([{ a: 1 }]);
});

test.each([
  ["with an end", `"${"x".repeat(100)}"\n`],
  ["without an end", "x".repeat(1_000)],
])("closes at a line that is too long, %s", async (_, line) => {
  const [left, right] = await socketPair();
  const received: unknown[] = [];
  const ended = Promise.withResolvers<void>();
  const unreadable = Promise.withResolvers<void>();
  const channel = new Channel<unknown, never>(right, {
    onMessage: (message) => void received.push(message),
    onEnd: ended.resolve,
    onUnreadable: unreadable.resolve,
  });
  channel.longestLine = 100;
  left.write(`"${"y".repeat(98)}"\n`);
  left.write(line);
  await Promise.all([ended.promise, unreadable.promise]);
  expect(received).toEqual(["y".repeat(98)]);
});

test("tells how much waits for the other side", async () => {
  const [left] = await socketPair();
  const channel = new Channel<never, string>(left, { onMessage: () => {}, onEnd: () => {} });
  expect(channel.backlogBytes).toBe(0);
  channel.send("z".repeat(2_000_000));
  expect(channel.backlogBytes).toBeGreaterThan(1_000_000);
});

test("what is sent to a closed channel is lost, and harmless", async () => {
  const [left] = await socketPair();
  const ended = Promise.withResolvers<void>();
  const channel = new Channel<never, string>(left, { onMessage: () => {}, onEnd: ended.resolve });
  channel.close();
  await ended.promise;
  channel.send("lost");
});

async function socketPair(): Promise<[Socket, Socket]> {
  const path = join(temporaryFolder(), "s");
  const server = createServer().listen(path);
  await once(server, "listening");
  const left = connect(path);
  const [right] = (await once(server, "connection")) as [Socket];
  server.close();
  onTestFinished(() => {
    left.destroy();
    right.destroy();
  });
  return [left, right];
}
