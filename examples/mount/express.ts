// The queue inside an Express application: STAGE3_TOKEN=secret node examples/mount/express.ts
import { promisify } from "node:util";
import express from "express";
import { toFetchHandler, toNodeHandler } from "stage3queue/http";
import { stage3, token } from "./queue.ts";
import { host, port, stopOnSignal, tellAddress } from "./server.ts";

const app = express();

// Express takes the mount path off. The queue reads bodies itself, so it comes before any body parser.
app.use("/queue", toNodeHandler(toFetchHandler(stage3, { token })));

app.use(express.json());
app.get("/", (_request, response) => void response.send("the application"));

const server = app.listen(port, host, () => tellAddress(server.address()));
stopOnSignal(promisify((done: () => void) => server.close(done)));
