import type { EngineCalls } from "../api.ts";
import type { Call } from "./messages.ts";

/** Sends a call to the Engine's thread, and resolves with what the method of that name resolves with there. */
export type SendCall = (call: Call, signal?: AbortSignal) => Promise<unknown>;

/** The Engine's calls as messages. */
export function remoteCalls(send: SendCall): EngineCalls {
  const call = <Method extends keyof EngineCalls>(sent: Call & { method: Method }, signal?: AbortSignal) =>
    send(sent, signal) as ReturnType<EngineCalls[Method]>;
  return {
    enqueue: (request) => call({ method: "enqueue", args: [request] }),
    enqueueMany: (requests) => call({ method: "enqueueMany", args: [requests] }),
    abort: (id) => call({ method: "abort", args: [id] }),
    get: (id) => call({ method: "get", args: [id] }),
    status: (id) => call({ method: "status", args: [id] }),
    waitForEnd: (id, signal) => call({ method: "waitForEnd", args: [id] }, signal),
    deadLetters: (query) => call({ method: "deadLetters", args: [query] }),
    getFirst: (ids) => call({ method: "getFirst", args: [ids] }),
    requeue: (id) => call({ method: "requeue", args: [id] }),
    discard: (id) => call({ method: "discard", args: [id] }),
    topics: () => call({ method: "topics", args: [] }),
  };
}
