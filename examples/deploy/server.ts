// A server that also runs the tasks, and stops gracefully: PORT=3000 node examples/deploy/server.ts
import { once } from "node:events";
import { createServer } from "node:http";
import { Stage3Queue } from "stage3queue";
import { listen } from "./listen.ts";
import { options } from "./options.ts";
import type tasks from "./tasks.ts";

const stage3 = await Stage3Queue.open<typeof tasks>(options);
await stage3.start();

const server = createServer((request, response) => {
  const name = request.url?.slice(1) ?? "";
  stage3.broker.enqueue("default", "send welcome", [name]).then(
    (id) => response.writeHead(202).end(id),
    (error: Error) => response.writeHead(503).end(error.message),
  );
});
listen(server);

async function stop(): Promise<void> {
  // Nobody listens any more: a second signal ends the process at once, as Node does by itself.
  process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
  console.log("Stopping");
  const closed = once(server, "close");
  server.close(); // takes no more requests; those under way may still enqueue
  setTimeout(() => server.closeAllConnections(), 3_000).unref();
  await closed;
  await stage3.stop(); // running tasks have their shutdownGrace; then the process ends by itself
}

const onSignal = (): void => void stop();
process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
