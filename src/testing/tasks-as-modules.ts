/** Stands for the functions of a test: it is never imported. */
const MODULE = new URL("data:text/javascript,");

/**
 * The options of an instance as they are in production, where the functions that a test gives are a module's. So what
 * they say of isolation is checked as it is there, and not refused because functions run inline only. What is not
 * allowed is left as it is, for others to refuse.
 */
export function withTasksAsModules(options: object): object {
  const replaced = withModule(options);
  if (!("queues" in replaced) || !isRecord(replaced.queues)) return replaced;
  const queues = Object.entries(replaced.queues).map(([topic, queue]) => [
    topic,
    isRecord(queue) ? withModule(queue) : queue,
  ]);
  return { ...replaced, queues: Object.fromEntries(queues) as unknown };
}

function withModule(options: object): object {
  return "tasks" in options && isRecord(options.tasks) ? { ...options, tasks: MODULE } : options;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof URL);
}
