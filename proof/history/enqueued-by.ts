import type { ClientRequest, EnqueuedTask } from "./events.ts";

/** The tasks that a call is to store; none for a call about a task. */
export function enqueuedBy(request: ClientRequest): readonly EnqueuedTask[] {
  if (request.method === "enqueue") return [request.task];
  return request.method === "enqueueMany" ? request.tasks : [];
}
