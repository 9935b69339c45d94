import { ENQUEUE_OPTIONS, type OptionAt, type StoredOption } from "./declarations.ts";
import type { Complete, Given } from "./read-level.ts";
import type { EnqueueOptions, FunctionPolicy, QueueSettings } from "./settings.ts";

/** What holds for a task, of those options that are stored with it. */
export type TaskSettings = Complete<StoredOption<"with the task's options">>;

/** The options of an enqueue that a function and a queue have, too, and that are settled for good at the enqueue. */
type SettledAtEnqueue = StoredOption<"apart"> & OptionAt<"function"> & OptionAt<"queue">;

/** For a claimed task, the value that wins: the enqueue's, else the function's, else the queue's, which has the defaults. */
export function settingsOfTask(options: EnqueueOptions, policy: FunctionPolicy, queue: QueueSettings): TaskSettings {
  return winning(RESOLVED_AT_CLAIM, [options, policy, queue]) as TaskSettings;
}

/** For a new task, the value that wins, of the options that are settled for good when it is stored. */
export function settledAtEnqueue(
  given: Given<SettledAtEnqueue>,
  policy: FunctionPolicy,
  topic: Partial<Complete<SettledAtEnqueue>>,
): Complete<SettledAtEnqueue> {
  return winning(SETTLED_AT_ENQUEUE, [given, policy, topic]) as Complete<SettledAtEnqueue>;
}

const RESOLVED_AT_CLAIM = namesOf("with the task's options");
const SETTLED_AT_ENQUEUE = namesOf("apart");

function namesOf(how: "with the task's options" | "apart"): readonly string[] {
  return ENQUEUE_OPTIONS.filter(({ stored, levels }) => stored === how && levels.includes("queue")).map(({ as }) => as);
}

/** Of each option the value at the first of the levels that has one. */
function winning(names: readonly string[], levels: readonly object[]): object {
  const given = levels as readonly Readonly<Record<string, unknown>>[];
  return Object.fromEntries(names.map((name) => [name, given.find((level) => level[name] !== undefined)?.[name]]));
}
