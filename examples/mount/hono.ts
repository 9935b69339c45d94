// The queue inside a Hono application: STAGE3_TOKEN=secret node examples/mount/hono.ts
import { promisify } from "node:util";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { toFetchHandler } from "stage3queue/http";
import { stage3, token } from "./queue.ts";
import { host, port, stopOnSignal, tellAddress } from "./server.ts";

const app = new Hono();
app.get("/", (context) => context.text("the application"));

const queue = toFetchHandler(stage3, { token, basePath: "/queue" });
app.all("/queue/*", (context) => queue(context.req.raw));

const server = serve({ fetch: app.fetch, hostname: host, port }, tellAddress);
stopOnSignal(promisify((done: () => void) => server.close(done)));
