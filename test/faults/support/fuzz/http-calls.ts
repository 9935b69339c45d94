import type { Chance } from "./chance.ts";
import { jsonValue, text } from "./values.ts";

/** A request as its parts, so that it can go over a socket or straight to the handler. */
export interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | undefined;
}

const METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"];
const PATHS = [
  "/",
  "//",
  "/health/live",
  "/health/ready",
  "/x",
  "/%00",
  "/%",
  "/%2e%2e/",
  "/?a=b",
  "/a/b",
  "/..",
  "/;",
];
const HOSTS = ["localhost", "127.0.0.1:4000", "[::1]", "example.com", "localhost.example.com", "LOCALHOST", "0.0.0.0"];
const TYPES = ["application/json", "application/json; charset=utf-8", "text/plain", "", "application/json;charset=x"];
const ORIGINS = ["http://localhost", "https://example.com", "null", "http://[", "localhost"];
const DURATIONS = ["5s", "1m", 0, 1, -1, 1e300, "", "x", "99999999999999999d", null, [], {}, true, 1.5, "1.5s"];

/** A request that is mostly near to one that is understood. `ids` are those of tasks there are. */
export function fuzzedRequest(dice: Chance, ids: readonly string[]): FuzzedRequest {
  if (dice.in100(4)) return keyedRequest(dice);
  const enqueues = dice.in100(60);
  const id = dice.in100(70) && ids.length > 0 ? dice.pick(ids) : text(dice);
  const method = dice.in100(92) ? (enqueues ? "POST" : dice.pick(["GET", "DELETE"])) : dice.pick(METHODS);
  const path = dice.in100(92) ? (enqueues ? "/" : `/${encoded(id)}`) : dice.pick(PATHS);
  const body = method === "GET" || method === "HEAD" ? undefined : enqueues ? fuzzedBody(dice) : undefined;
  return { method, path, headers: fuzzedHeaders(dice), body };
}

/** One of few enqueues that are all the same, as those of {@link keyedNumber} that go through the broker. */
function keyedRequest(dice: Chance): FuzzedRequest {
  const number = keyedNumber(dice);
  const headers = [
    ["host", "localhost"],
    ["content-type", "application/json"],
    ["idempotency-key", `same${number}`],
  ] as const;
  const body = Buffer.from(JSON.stringify({ topic: "default", function: "echo", args: [number] }));
  return { method: "POST", path: "/", headers, body };
}

/** The argument of a task that is enqueued again and again, and the number of its idempotency key. */
export function keyedNumber(dice: Chance): number {
  return dice.upTo(20);
}

function encoded(id: string): string {
  return id.isWellFormed() ? encodeURIComponent(id) : "%ED%A0%80";
}

function fuzzedHeaders(dice: Chance): [string, string][] {
  const headers: [string, string][] = [
    ["host", dice.in100(94) ? "localhost" : dice.pick(HOSTS)],
    ["content-type", dice.in100(94) ? "application/json" : dice.pick(TYPES)],
  ];
  if (dice.in100(5)) headers.push(["origin", dice.pick(ORIGINS)]);
  if (dice.in100(4)) headers.push(["sec-fetch-site", dice.pick(["cross-site", "same-origin", "none", "x"])]);
  if (dice.in100(10)) {
    headers.push(["idempotency-key", dice.in100(80) ? `k${dice.upTo(50)}` : dice.pick(["", "a b", "x".repeat(256)])]);
  }
  if (dice.in100(2)) headers.push(["content-encoding", dice.pick(["gzip", "identity"])]);
  if (dice.in100(3)) headers.push(["authorization", dice.pick(["Bearer x", "Basic eDp4", ""])]);
  if (dice.in100(3)) headers.push([`x-${dice.upTo(9)}`, "z".repeat(dice.upTo(300))]);
  return headers;
}

function fuzzedBody(dice: Chance): Uint8Array {
  const json = JSON.stringify(fuzzedCall(dice)) ?? "";
  const bytes = Buffer.from(json);
  if (!dice.in100(12)) return bytes;
  // The bytes themselves: changed, cut, doubled.
  for (let count = 1 + dice.upTo(3); count > 0 && bytes.length > 0; count--) {
    bytes[dice.upTo(bytes.length - 1)] = dice.upTo(255);
  }
  return dice.pick([bytes, bytes.subarray(0, dice.upTo(bytes.length)), Buffer.concat([bytes, bytes])]);
}

function fuzzedCall(dice: Chance): unknown {
  if (dice.in100(3)) return jsonValue(dice);
  const call: Record<string, unknown> = {
    topic: dice.in100(92) ? dice.pick(["default", "other"]) : jsonValue(dice),
    function: dice.in100(92) ? dice.pick(["echo", "fail"]) : jsonValue(dice),
    args: dice.in100(92) ? Array.from({ length: dice.upTo(3) }, () => jsonValue(dice)) : jsonValue(dice),
  };
  if (dice.in100(20)) call["priority"] = dice.in100(70) ? 1 + dice.upTo(9) : jsonValue(dice);
  for (const name of ["timeout", "abortGrace", "maxBackoff"]) if (dice.in100(8)) call[name] = dice.pick(DURATIONS);
  if (dice.in100(10)) call["maxRestarts"] = dice.in100(60) ? 0 : jsonValue(dice);
  if (dice.in100(4)) call[text(dice)] = jsonValue(dice);
  if (dice.in100(3)) delete call[dice.pick(["topic", "function", "args"])];
  return call;
}
