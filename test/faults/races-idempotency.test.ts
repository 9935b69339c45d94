import { expect, onTestFinished } from "vitest";
import { Stage3Queue } from "../../src/broker/stage3queue.ts";
import { openInMemory } from "../support/in-memory-storage.ts";
import { openInPlace } from "../support/engine-in-place.ts";
import { testFault } from "../support/fault.ts";
import { newFile } from "../unit/storage/open-sqlite.ts";
import { serve } from "./support/serve.ts";
import { post, received, openSocket, statusIn } from "./support/served-queue.ts";

const CALLERS = 100;
const KEY = "Idempotency-Key: 8e03978e-40d5-43dd-bc93-6894a57f9324\r\n";

/** One of several servers on one database, each with an instance of its own. */
async function openServed(file: string): Promise<{ stage3: Stage3Queue; port: number }> {
  const stage3 = await Stage3Queue.open({
    database: `sqlite:${file}`,
    tasks: { echo: (value: unknown) => value },
    queues: { default: { maxQueueLen: Infinity } },
  });
  onTestFinished(() => stage3.stop());
  const server = await serve(stage3);
  onTestFinished(() => server.close());
  return { stage3, port: server.port };
}

async function enqueue(port: number, args: readonly unknown[]): Promise<{ status: number; id: string | undefined }> {
  const socket = await openSocket(port);
  socket.write(post(JSON.stringify({ topic: "default", function: "echo", args }), KEY));
  const text = await received(socket);
  return { status: statusIn(text), id: /"id":"([^"]+)"/u.exec(text)?.[1] };
}

testFault(
  {
    area: "races",
    fault: "100 equal requests at once with one idempotency key",
    injected: "over 100 connections to two servers on one file, with 20 of other content among them",
    holds: "one content wins: one task, and its id for all who sent that; 409 for the others, also later",
  },
  async () => {
    const file = newFile();
    const [one, other] = await Promise.all([openServed(file), openServed(file)]);
    const answers = await Promise.all(
      Array.from({ length: CALLERS + 20 }, async (_, index) => {
        const content = index % 6 === 5 ? "other" : "same";
        return { content, ...(await enqueue(index % 2 === 0 ? one.port : other.port, [content])) };
      }),
    );
    const taken = answers.filter(({ status }) => status === 200);
    const winner = taken[0]?.content;
    expect(new Set(taken.map(({ id }) => id)).size).toBe(1);
    for (const { content, status } of answers) expect(status).toBe(content === winner ? 200 : 409);
    await one.stage3.start();
    const [counts] = await other.stage3.broker.queues();
    const { queued = 0, running = 0, finished = 0 } = counts ?? {};
    expect(queued + running + finished).toBe(1);
    expect(await enqueue(other.port, [winner])).toEqual({ status: 200, id: taken[0]?.id });
    expect(await enqueue(one.port, ["third"])).toMatchObject({ status: 409 });
  },
);

testFault(
  {
    area: "races",
    fault: "an answer that gets lost behind the database",
    injected:
      "the storage applies the turn of 20 enqueues and then fails; each caller sends the same again, with its key",
    holds: "each gets one id, and each task is stored once",
  },
  async () => {
    const storage = await openInMemory();
    const turn = storage.turn.bind(storage);
    let losing = false;
    storage.turn = async (operations, time) => {
      const answer = await turn(operations, time);
      if (losing) throw new Error("The answer got lost.");
      return answer;
    };
    const { engine, broker, clock } = await openInPlace({ run: (label: number) => label }, { storage });
    await engine.start();
    const callers = Array.from({ length: 20 }, (_, index) => index);
    const send = (index: number) => broker.enqueue("default", "run", [index], { idempotencyKey: `key-${index}` });
    losing = true;
    const lost = Promise.allSettled(callers.map(send));
    await clock.settle();
    for (const { status } of await lost) expect(status).toBe("rejected");
    losing = false;
    await clock.advance(1_000);
    const ids = await Promise.all(callers.map(send));
    await clock.advance(60_000);
    expect(await Promise.all(ids.map((id) => broker.get(id)))).toMatchObject(
      callers.map((index) => ({ status: "finished", args: [index] })),
    );
    expect(await broker.queues()).toMatchObject([{ finished: 20, queued: 0, running: 0 }]);
  },
);
