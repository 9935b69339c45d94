// The web process: it enqueues and asks, and runs no task itself. PORT=3000 node examples/deploy/web.ts
import { createServer } from "node:http";
import { Stage3Queue } from "stage3queue";
import { options } from "./options.ts";
import { listen } from "./listen.ts";
import type tasks from "./tasks.ts";

const stage3 = await Stage3Queue.open<typeof tasks>(options); // and no start()

const server = createServer((request, response) => {
  const name = request.url?.slice(1) ?? "";
  stage3.broker.enqueue("default", "send welcome", [name]).then(
    (id) => response.writeHead(202).end(id),
    (error: Error) => response.writeHead(503).end(error.message),
  );
});
listen(server);

const stop = (): void => void server.close(() => void stage3.stop());
process.once("SIGTERM", stop).once("SIGINT", stop);
