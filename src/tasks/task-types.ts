import type { TaskDefinition } from "./task-definition.ts";

/** A plain function that runs a task. */
export type TaskHandler = (...args: never) => unknown;

/** What a tasks module offers: handlers by function name. */
export type TaskHandlers = Readonly<Record<string, TaskHandler | TaskDefinition<never, unknown>>>;

/** The names of the functions in `Tasks`; any string when they are not known. */
export type FunctionNames<Tasks extends TaskHandlers> = Extract<keyof Tasks, string>;

/** The arguments that the function `Name` of `Tasks` takes; anything when its type is not known. */
export type ArgumentsOf<Tasks extends TaskHandlers, Name extends FunctionNames<Tasks>> = string extends keyof Tasks
  ? readonly unknown[]
  : Tasks[Name] extends TaskDefinition<infer Args, unknown>
    ? Readonly<Args>
    : Tasks[Name] extends (...args: infer Args) => unknown
      ? Readonly<Args>
      : never;

/** What the function `Name` of `Tasks` returns, its promise awaited; unknown when its type is not known. */
export type ResultOf<Tasks extends TaskHandlers, Name extends FunctionNames<Tasks>> = string extends keyof Tasks
  ? unknown
  : Tasks[Name] extends TaskDefinition<never, infer Result>
    ? Awaited<Result>
    : Tasks[Name] extends (...args: never) => infer Result
      ? Awaited<Result>
      : never;
