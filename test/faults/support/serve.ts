import type { Stage3Queue } from "../../../src/broker/stage3queue.ts";
import { createHttpHandler } from "../../../src/http/handler.ts";
import { HttpServer, type Patience } from "../../../src/http/server.ts";
import type { TaskHandlers } from "../../../src/tasks/task-types.ts";

export interface ServeOptions {
  readonly token?: string;
  readonly patience?: Patience;
  /** Takes an error that nobody foresaw. */
  readonly onError?: (error: unknown) => void;
}

/** Puts an instance behind a server of its own, on a free port of the loopback address. */
export function serve<Tasks extends TaskHandlers>(
  stage3: Stage3Queue<Tasks>,
  { token, patience, onError }: ServeOptions = {},
): Promise<HttpServer> {
  const access = token === undefined ? {} : { token };
  const handler = createHttpHandler({
    broker: stage3.broker,
    isReady: () => stage3.isReady(),
    isStopping: () => stage3.isStopping,
    host: { kind: "bound", address: "127.0.0.1" },
    maxPayloadBytes: stage3.maxPayloadBytes,
    ...(onError && { onError }),
    ...access,
  });
  return HttpServer.listen({ host: "127.0.0.1", port: 0, handler, ...(patience && { patience }), ...access });
}
