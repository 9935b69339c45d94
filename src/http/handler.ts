import { Hono } from "hono";
import { systemClock, type Clock } from "../core/clock.ts";
import { ERROR_TABLE } from "../core/errors.ts";
import { toTaskId } from "../core/ids.ts";
import { answer, refusal, refusalOf } from "./answers.ts";
import { boundHostGuard, namedHostGuard, originGuard, tokenGuard, type Guard } from "./guards.ts";
import { pathUnder } from "./mount-path.ts";
import { SharedAborts } from "./shared-aborts.ts";
import { abortTask, enqueueTask, readStatus, type HttpBroker } from "./task-calls.ts";

export interface HttpHandlerOptions {
  readonly broker: HttpBroker;
  /** Whether tasks can be taken and run; asked by `GET /health/ready`. */
  readonly isReady: () => Promise<boolean>;
  /** Whether the server is being stopped: every call but the health ones is then refused. */
  readonly isStopping: () => boolean;
  /** What callers have to send as `Authorization: Bearer`; undefined: everybody may call. */
  readonly token?: string;
  /** What `Host` may be. */
  readonly host: HostRule;
  /** Pages of other origins that may write, such as "https://app.example.com". */
  readonly origins?: readonly string[];
  /** The path that the API is under, without a slash at its end; none: the root. */
  readonly basePath?: string;
  /** The largest arguments of a task as JSON. */
  readonly maxPayloadBytes: number;
  /** Receives an unexpected error; the caller is told nothing about it. */
  readonly onError?: (error: unknown) => void;
  readonly clock?: Clock;
}

/**
 * Which `Host` a caller may name: on a loopback address only names of this machine, elsewhere those that are listed;
 * where the application around the handler decides, any.
 */
export type HostRule =
  | { readonly kind: "bound"; readonly address: string }
  | { readonly kind: "named"; readonly names: readonly string[] }
  | { readonly kind: "any" };

/** Answers one request. It never rejects. */
export type HttpHandler = (request: Request) => Promise<Response>;

/** The REST API as a Web-standard fetch handler, to be served by `HttpServer` or mounted in an application's own. */
export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  const report = options.onError ?? (() => undefined);
  const { basePath = "", origins = [] } = options;
  const app = new Hono(basePath === "" ? {} : { getPath: ({ url }) => pathUnder(basePath, url) ?? OUTSIDE });
  const guard = (check: Guard): void => {
    app.use(async (context, next) => check(context.req.raw) ?? (await next()));
  };

  guard(hostGuard(options.host));
  guard(originGuard(origins));
  addHealth(app, options);
  guard(tokenGuard(options.token));
  guard(() => (options.isStopping() ? refusal(503, ERROR_TABLE.STOPPED.meaning) : undefined));
  addTasks(app, options);

  app.notFound(() => refusal(404, "Not found"));
  app.onError((error) => refusalOf(error, report));
  return async (request) => {
    try {
      return await app.fetch(request);
    } catch (error) {
      return refusalOf(error, report); // thrown, but not an Error
    }
  };
}

/** A path that no route has: what is not under the base path is not found. */
const OUTSIDE = "/outside/the/base/path";

function hostGuard(rule: HostRule): Guard {
  switch (rule.kind) {
    case "bound":
      return boundHostGuard(rule.address);
    case "named":
      return namedHostGuard(rule.names);
    case "any":
      return () => undefined;
  }
}

function addHealth(app: Hono, { isReady, isStopping }: HttpHandlerOptions): void {
  app.get("/health/live", () => answer(200, { status: "ok" }));
  app.get("/health/ready", async () => {
    const ready = !isStopping() && (await isReady().catch(() => false));
    return ready ? answer(200, { status: "ok" }) : refusal(503, "Not ready");
  });
  app.all("/health/live", () => methodNotAllowed("GET, HEAD"));
  app.all("/health/ready", () => methodNotAllowed("GET, HEAD"));
}

function addTasks(app: Hono, { broker, maxPayloadBytes, clock = systemClock }: HttpHandlerOptions): void {
  const aborts = new SharedAborts(broker, clock);
  app.post("/", (context) => enqueueTask(broker, context.req.raw, maxPayloadBytes));
  app.all("/", () => methodNotAllowed("POST"));
  app.get("/:id", (context) => readStatus(broker, toTaskId(context.req.param("id"))));
  app.delete("/:id", (context) => abortTask(aborts, toTaskId(context.req.param("id"))));
  app.all("/:id", () => methodNotAllowed("GET, HEAD, DELETE"));
}

function methodNotAllowed(allow: string): Response {
  return refusal(405, `Method not allowed; use ${allow}`, { allow });
}
