import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener, RequestError } from "@hono/node-server";
import { refusal } from "./answers.ts";
import { bodyTaken } from "./body.ts";
import type { HttpHandler } from "./handler.ts";

/** Answers one request of Node's own `http`. It never throws, and ends every response. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Turns a fetch handler into a listener for Node's `http`, for Express, Fastify and their like. It reads the body
 * itself, so mount it before any body parser: a body that was read already is answered with 500, which says so.
 *
 * @example
 * app.use("/queue", toNodeHandler(toFetchHandler(stage3, { token }))); // Express
 */
export function toNodeHandler(handler: HttpHandler): NodeHandler {
  const listener = getRequestListener(handler, {
    hostname: "localhost", // stands in for a missing Host, which the loopback server refuses
    overrideGlobalObjects: false, // the application's own `Request` and `Response` stay as they are
    errorHandler: (error) =>
      error instanceof RequestError
        ? refusal(400, "The address or the Host header of the request is not valid")
        : refusal(500, "Internal error"), // of a handler that is not ours: ours never rejects
  });
  const afterParser = getRequestListener(() => Promise.resolve(bodyTaken()), { overrideGlobalObjects: false });
  return (request, response) => {
    void (request.readableDidRead ? afterParser : listener)(request, response); // neither rejects
  };
}
