import type { Stage3Queue } from "../broker/stage3queue.ts";
import { describeThrown } from "../core/failure.ts";
import type { TaskHandlers } from "../tasks/task-types.ts";
import { createHttpHandler, type HostRule, type HttpHandler } from "./handler.ts";
import { resolveFetchHandlerOptions } from "./resolve-fetch-handler-options.ts";

/** Who may call the API, and where it is. */
export interface FetchHandlerOptions {
  /**
   * What callers have to send as `Authorization: Bearer`: ASCII without spaces. `false`: none, because the application
   * decides by itself who may call, before the handler is reached. There is no default: whoever may call may run every
   * task.
   */
  readonly token: string | false;
  /**
   * The path that the handler is mounted under, such as "/queue", where the framework hands on the whole path (Hono's
   * routes, Fastify, Next). Default: "/", as for one that takes its mount path off (`app.use` of Express).
   */
  readonly basePath?: string | undefined;
  /**
   * The names that callers may give as `Host`, without a port, such as `["app.example.com"]`; others get 421. Default:
   * any, since the server around the handler knows its own names. Name them where there is no token and the server is
   * on a loopback address: otherwise a web page can have its own name resolve there.
   */
  readonly hosts?: readonly string[] | undefined;
  /**
   * Pages of other origins that may write, such as `["https://app.example.com"]`. Default: none; only pages whose
   * origin is the request's own `Host` may. Also needed for your own pages where a proxy forwards another `Host`.
   */
  readonly origins?: readonly string[] | undefined;
  /** Receives an unexpected error; the caller gets 500 without it. Default: a warning of the process. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/**
 * The REST API over an open instance, as a Web-standard fetch handler to mount in an application's own server: it takes
 * a `Request`, reads its body, and resolves with the `Response`. It never rejects. Once the instance is being stopped
 * it answers 503; stopping the instance is left to the application.
 *
 * @throws Stage3Error `INVALID_OPTION`, naming the first option that is unknown, missing or not allowed.
 *
 * @example
 * const queue = toFetchHandler(stage3, { token: "a-long-secret", basePath: "/queue" });
 * const app = new Hono();
 * app.all("/queue/*", (context) => queue(context.req.raw));
 */
export function toFetchHandler<Tasks extends TaskHandlers>(
  stage3: Stage3Queue<Tasks>,
  options: FetchHandlerOptions,
): HttpHandler {
  const { token, hosts, origins, basePath, onError = warn } = resolveFetchHandlerOptions(options);
  const host: HostRule = hosts === undefined ? { kind: "any" } : { kind: "named", names: hosts };
  return createHttpHandler({
    broker: stage3.broker,
    isReady: () => stage3.isReady(),
    isStopping: () => stage3.isStopping,
    host,
    origins,
    basePath,
    maxPayloadBytes: stage3.maxPayloadBytes,
    onError: neverThrowing(onError),
    ...(token !== false && { token }),
  });
}

/** The answer must not depend on an `onError` that throws. */
function neverThrowing(onError: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    try {
      onError(error);
    } catch (thrown) {
      warn(error);
      warn(thrown);
    }
  };
}

function warn(error: unknown): void {
  const { message } = describeThrown(error);
  process.emitWarning(`An HTTP call failed: ${message}`, { type: "Stage3Warning", code: "HTTP_CALL_FAILED" });
}
