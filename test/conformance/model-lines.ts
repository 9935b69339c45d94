import type { ModelTask } from "./model-task.ts";

/** What has started once does not expire. */
export function isExpired({ state, epoch, expiresAt = Infinity }: ModelTask, now: number): boolean {
  return (state === "ready" || state === "waiting") && epoch === 0 && expiresAt <= now;
}

/** Those that have expired, the earliest first. */
export function expiredOf(tasks: readonly ModelTask[], now: number): ModelTask[] {
  return tasks.filter((task) => isExpired(task, now)).toSorted(({ expiresAt: a = 0 }, { expiresAt: b = 0 }) => a - b);
}

/** How many of the ready tasks `maxQueueLen` counts for a topic and priority. */
export function waitingFor(
  ready: readonly ModelTask[],
  { topic, priority }: { readonly topic: string; readonly priority: number },
): number {
  return ready.filter(
    (task) => task.topic === topic && task.priority === priority && task.attempt === 0 && !task.requeued,
  ).length;
}

/** What a claim meets in a topic's line, of those that its worker knows. */
export function lineOf(
  ready: readonly ModelTask[],
  topic: string,
  functions: { has(name: string): boolean },
): ModelTask[] {
  return ready
    .filter((task) => task.topic === topic && functions.has(task.function))
    .toSorted((a, b) => a.priority - b.priority);
}
