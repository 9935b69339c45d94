import { IDEMPOTENCY_KEY_FORMS, isIdempotencyKey } from "../core/options/readers.ts";
import type { TaskOptions } from "../core/options/types.ts";
import type { AbortingBroker } from "./abort-outcome.ts";
import { answer, refusal } from "./answers.ts";
import { readJsonBody } from "./body.ts";
import { parseEnqueueCall } from "./request-schema.ts";
import type { SharedAborts } from "./shared-aborts.ts";

/** What the REST API calls; a `Broker` is one. */
export interface HttpBroker extends AbortingBroker {
  enqueue(topic: string, functionName: string, args: readonly unknown[], options: TaskOptions): Promise<string>;
}

/** What a body may hold beside the arguments: the names, the options, and white space. */
const ENVELOPE_BYTES = 64 * 1024;

/** `POST /` */
export async function enqueueTask(broker: HttpBroker, request: Request, maxPayloadBytes: number): Promise<Response> {
  const idempotencyKey = request.headers.get("idempotency-key");
  if (idempotencyKey !== null && !isIdempotencyKey(idempotencyKey)) {
    return refusal(400, `The Idempotency-Key header must be ${IDEMPOTENCY_KEY_FORMS}`);
  }
  const body = await readJsonBody(request, maxPayloadBytes + ENVELOPE_BYTES);
  if (body.kind === "refused") return body.response;
  const parsed = parseEnqueueCall(body.value);
  if (parsed.kind === "invalid") return refusal(400, parsed.message);
  const { topic, function: functionName, args, options } = parsed.call;
  if (body.bytes > maxPayloadBytes && isLargerThan(maxPayloadBytes, args)) {
    return refusal(413, `The args are too large; at most ${maxPayloadBytes} bytes of JSON are allowed`);
  }
  const id = await broker.enqueue(topic, functionName, args, {
    ...options,
    ...(idempotencyKey === null ? {} : { idempotencyKey }),
  });
  return answer(200, { id, status: "ok" });
}

/** `GET /<id>`; no id: what was given is none. */
export async function readStatus(broker: HttpBroker, id: string | undefined): Promise<Response> {
  const status = id === undefined ? undefined : await broker.status(id);
  return status === undefined ? taskNotFound() : answer(200, { status });
}

/** `DELETE /<id>` */
export async function abortTask(aborts: SharedAborts, id: string | undefined): Promise<Response> {
  if (id === undefined) return taskNotFound();
  const outcome = await aborts.abort(id);
  switch (outcome.kind) {
    case "aborted":
      return answer(200, { message: "Task aborted", status: "ok" });
    case "notFound":
      return taskNotFound();
    case "ended":
      return refusal(409, outcome.message);
  }
}

function taskNotFound(): Response {
  return refusal(404, "Task is not found");
}

function isLargerThan(limitBytes: number, args: readonly unknown[]): boolean {
  try {
    return Buffer.byteLength(JSON.stringify(args)) > limitBytes;
  } catch {
    return false; // nested too deep to be written, which the broker refuses in its own words
  }
}
