import { createServer, type Server } from "node:http";
import { systemClock, type Clock } from "../core/clock.ts";
import { Stage3Error } from "../core/errors.ts";
import { Connections } from "./connections.ts";
import type { HttpHandler } from "./handler.ts";
import { listen } from "./listen.ts";
import { hostInUrl, isLoopback } from "./loopback.ts";
import { toNodeHandler } from "./node-handler.ts";

export interface HttpServerOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly handler: HttpHandler;
  /** The token that the handler requires. Without one, only the loopback interface may be listened on. */
  readonly token?: string;
  readonly clock?: Clock;
  readonly patience?: Patience;
}

/** How long a client may take, before it is answered with 408 and cut off. */
export interface Patience {
  /** To send its headers. Default: 10 s. */
  readonly headersMs: number;
  /** To send the whole request. Default: 60 s. */
  readonly requestMs: number;
  /** How often connections are checked for this. Default: 5 s. */
  readonly lookEveryMs: number;
}

const DEFAULT_PATIENCE: Patience = { headersMs: 10_000, requestMs: 60_000, lookEveryMs: 5_000 };

/** How long `close` waits for calls in progress. */
const CLOSE_GRACE_MS = 5_000;

const LIMITS = {
  keepAliveTimeout: 10_000,
  maxHeaderSize: 16 * 1024,
  /** A missing Host is answered by the handler. */
  requireHostHeader: false,
} as const;

/** Serves a handler over HTTP, and ends without cutting off a call. */
export class HttpServer implements AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #clock: Clock;
  #closed: Promise<void> | undefined;

  /** @throws Stage3Error `INVALID_OPTION` where the address cannot be listened on, or would need a token. */
  static async listen(options: HttpServerOptions): Promise<HttpServer> {
    const { host, port, handler, token, clock = systemClock, patience = DEFAULT_PATIENCE } = options;
    if (token === undefined && !isLoopback(host)) {
      throw new Stage3Error(
        "INVALID_OPTION",
        `Without a token only this machine may call; set http.token or STAGE3_TOKEN to listen on ${host}.`,
      );
    }
    const limits = {
      ...LIMITS,
      headersTimeout: patience.headersMs,
      requestTimeout: patience.requestMs,
      connectionsCheckingInterval: patience.lookEveryMs,
    };
    const server = createServer(limits, toNodeHandler(handler));
    const connections = new Connections(server);
    return new HttpServer({ server, connections, clock, host, port: await listen(server, host, port) });
  }

  private constructor(parts: { server: Server; connections: Connections; clock: Clock; host: string; port: number }) {
    this.#server = parts.server;
    this.#connections = parts.connections;
    this.#clock = parts.clock;
    this.host = parts.host;
    this.port = parts.port;
  }

  /** What a client of this machine calls. */
  get url(): string {
    return `http://${isLoopback(this.host) ? "localhost" : hostInUrl(this.host)}:${this.port}`;
  }

  /** Accepts no further connection and resolves when all are closed: idle ones at once, the others when answered. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#connections.drain();
    const force = this.#clock.setTimer(CLOSE_GRACE_MS, () => this.#connections.destroy());
    await closed;
    force.cancel();
  }
}
