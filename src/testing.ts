/** What the tests of an application import. */
import "./core/require-node.ts";
export { openTestQueue, type TestQueueOptions } from "./testing/open-test-queue.ts";
export type { AdvanceOptions, Drained, DrainOptions, RunLimits } from "./testing/task-runs.ts";
export type { TestQueue } from "./testing/test-queue.ts";
export type { EnqueuedFilter, EnqueuedTask } from "./testing/enqueue-log.ts";
export type { ExpectedOptions } from "./testing/expect-enqueued.ts";
export { type AsymmetricMatcher, type Expected, matching } from "./testing/matching.ts";
export { type HandlerLog, type HandlerRun, runHandler, type RunHandlerOptions } from "./testing/run-handler.ts";
