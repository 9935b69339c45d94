// The queue inside a Fastify application: STAGE3_TOKEN=secret node examples/mount/fastify.ts
import { fastify, type FastifyReply, type FastifyRequest } from "fastify";
import { toFetchHandler, toNodeHandler } from "stage3queue/http";
import { stage3, token } from "./queue.ts";
import { host, port, stopOnSignal, tellAddress } from "./server.ts";

const app = fastify();
app.get("/", () => "the application");

const queue = toNodeHandler(toFetchHandler(stage3, { token, basePath: "/queue" }));

function handOver(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  queue(request.raw, reply.raw);
}

await app.register(async (scope) => {
  // Within this scope Fastify leaves bodies alone: the queue reads them itself.
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, _body, done) => done(null));
  scope.all("/queue", handOver);
  scope.all("/queue/*", handOver);
});

await app.listen({ host, port });
tellAddress(app.server.address());
stopOnSignal(() => app.close());
