import { Broker } from "../../../src/broker/broker.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { createIdGenerator } from "../../../src/core/ids.ts";
import { systemRandom } from "../../../src/core/random.ts";
import { createHttpHandler, type HttpHandlerOptions } from "../../../src/http/handler.ts";
import { FakeEngine } from "./fake-engine.ts";

export const MAX_PAYLOAD_BYTES = 1024 * 1024;

export interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly body?: RequestInit["body"];
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a call was answered. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** The handler over a broker whose engine the test controls. */
export interface Api {
  readonly engine: FakeEngine;
  /** The errors that nobody foresaw. */
  readonly reported: readonly unknown[];
  readonly call: (call: Call) => Promise<Answer>;
  readonly post: (body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
}

export function createApi(options: Partial<HttpHandlerOptions> = {}): Api {
  const engine = new FakeEngine();
  const reported: unknown[] = [];
  const newId = createIdGenerator(systemClock, systemRandom);
  const handler = createHttpHandler({
    broker: new Broker({
      engine,
      clock: systemClock,
      newId,
      maxPayloadBytes: MAX_PAYLOAD_BYTES,
      topicsInMemory: new Set(),
    }),
    isReady: () => engine.isReady(),
    isStopping: () => false,
    host: { kind: "bound", address: "127.0.0.1" },
    maxPayloadBytes: MAX_PAYLOAD_BYTES,
    onError: (error) => reported.push(error),
    ...options,
  });
  const call = async ({ method = "GET", path = "/", body = null, headers = {} }: Call): Promise<Answer> => {
    const request = new Request(`http://localhost:4000${path}`, {
      method,
      body,
      headers: { host: "localhost:4000", ...headers },
      ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
    });
    const response = await handler(request);
    const text = await response.text();
    const parsed: unknown = text === "" ? undefined : JSON.parse(text);
    return { status: response.status, body: parsed, headers: response.headers };
  };
  const post: Api["post"] = (body, headers = {}) =>
    call({
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  return { engine, reported, call, post };
}
