import type { JsonArgument, JsonResult } from "../core/json/types.ts";
import type { TaskDefinition } from "./task-definition.ts";

/** A plain function that runs a task. */
export type TaskHandler = (...args: never) => unknown;

/** What a tasks module offers: handlers by function name. */
export type TaskHandlers = Readonly<Record<string, TaskHandler | TaskDefinition<never, unknown>>>;

/** The names of the functions in `Tasks`; any string when they are not known. */
export type FunctionNames<Tasks extends TaskHandlers> = Extract<keyof Tasks, string>;

/** The arguments that the handler of `Name` in `Tasks` takes; anything when its type is not known. */
export type ArgumentsOf<Tasks extends TaskHandlers, Name extends FunctionNames<Tasks>> = string extends keyof Tasks
  ? readonly unknown[]
  : Tasks[Name] extends TaskDefinition<infer Args, unknown>
    ? Readonly<Args>
    : Tasks[Name] extends (...args: infer Args) => unknown
      ? Readonly<Args>
      : never;

/** The arguments that `Name` of `Tasks` is enqueued with: those of its handler, as far as JSON carries them. */
export type EnqueueArguments<Tasks extends TaskHandlers, Name extends FunctionNames<Tasks>> = JsonArgument<
  ArgumentsOf<Tasks, Name>
>;

/** What the handler of `Name` in `Tasks` returns, its promise awaited; unknown when its type is not known. */
export type ResultOf<Tasks extends TaskHandlers, Name extends FunctionNames<Tasks>> = string extends keyof Tasks
  ? unknown
  : Tasks[Name] extends TaskDefinition<never, infer Result>
    ? Awaited<Result>
    : Tasks[Name] extends (...args: never) => infer Result
      ? Awaited<Result>
      : never;

/** What `broker.result` resolves with for the function `Name` of `Tasks`: its handler's result, as JSON carries it. */
export type StoredResult<Tasks extends TaskHandlers, Name extends FunctionNames<Tasks>> = JsonResult<
  ResultOf<Tasks, Name>
>;
