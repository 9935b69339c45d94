import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The connections of a server and the calls in progress on them, so that it can close without cutting one off. */
export class Connections {
  readonly #calls = new Map<Socket, Set<ServerResponse>>();
  #draining = false;

  constructor(server: Server) {
    server.on("connection", (socket) => this.#add(socket));
    server.prependListener("request", (request, response) => this.#track(request, response));
  }

  /** Ends each connection: an idle one at once, any other when its calls are answered. */
  drain(): void {
    this.#draining = true;
    for (const [socket, calls] of this.#calls) {
      if (calls.size === 0) socket.destroy();
      for (const response of calls) endAfter(response);
    }
  }

  /** Ends all connections at once. */
  destroy(): void {
    for (const socket of this.#calls.keys()) socket.destroy();
  }

  #add(socket: Socket): void {
    this.#calls.set(socket, new Set());
    socket.once("close", () => this.#calls.delete(socket));
  }

  #track({ socket }: IncomingMessage, response: ServerResponse): void {
    const calls = this.#calls.get(socket);
    if (calls === undefined) return;
    calls.add(response);
    if (this.#draining) endAfter(response);
    response.once("close", () => {
      calls.delete(response);
      // A response whose headers were out before the end began has left its connection open.
      if (this.#draining && calls.size === 0) socket.end();
    });
  }
}

/** Tells the client that the connection ends with this response. */
function endAfter(response: ServerResponse): void {
  response.shouldKeepAlive = false;
}
