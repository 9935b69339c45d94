import { AssertionError } from "node:assert";
import { wholeNumber } from "../core/option-values.ts";
import type { TaskOptions } from "../core/policy.ts";
import { parseTaskOptions } from "../core/task-options.ts";
import { type EnqueuedTask, toTaskOptions } from "./enqueue-log.ts";
import { matches } from "./matching.ts";
import { showArguments } from "./show-arguments.ts";

/** What else must be true of an enqueued task: what its enqueue named, and how often it was enqueued. */
export interface ExpectedOptions extends TaskOptions {
  /** Exactly so many such tasks, a whole number from 1. Default: one or more. */
  readonly times?: number;
}

/** Which tasks are expected; what is undefined may be anything. */
export interface ExpectedTask {
  readonly topic?: string | undefined;
  readonly function?: string | undefined;
  /** Parts of it may be matchers. */
  readonly args?: unknown;
  readonly options?: TaskOptions;
}

/**
 * Returns the first task among `enqueued` that is as expected.
 *
 * @throws AssertionError where there is none, or not as many as `times` says; its message shows what was enqueued
 *   instead, the nearest first. Stage3Error `INVALID_OPTION` or `INVALID_PRIORITY` where an option is wrong.
 */
export function requireEnqueued(
  enqueued: readonly EnqueuedTask[],
  expected: ExpectedTask,
  times?: number,
): EnqueuedTask {
  if (times !== undefined) readTimes(times, "times");
  const found = enqueued.filter(isExpected(expected));
  const [first] = found;
  if (first !== undefined && (times === undefined || found.length === times)) return first;
  const wanted = times === undefined ? "enqueued" : `enqueued ${count(times)}`;
  const was = first === undefined ? "it was not" : `it was ${count(found.length)}`;
  throw failure({
    message: `Expected ${describeExpected(expected)} to be ${wanted}, but ${was}.`,
    enqueued,
    expected,
    operator: "expectEnqueued",
  });
}

/** @throws AssertionError where a task among `enqueued` is as expected. */
export function requireNotEnqueued(enqueued: readonly EnqueuedTask[], expected: ExpectedTask): void {
  const found = enqueued.filter(isExpected(expected));
  if (found.length === 0) return;
  throw failure({
    message: `Expected ${describeExpected(expected)} not to be enqueued, but it was ${count(found.length)}.`,
    enqueued: found,
    expected,
    operator: "expectNotEnqueued",
  });
}

/** `expectNotEnqueued` is there for none. */
const readTimes = wholeNumber(1);

/** How many tasks a message shows. */
const MOST_SHOWN = 10;

function failure(parts: {
  message: string;
  enqueued: readonly EnqueuedTask[];
  expected: ExpectedTask;
  operator: "expectEnqueued" | "expectNotEnqueued";
}): AssertionError {
  const { enqueued, expected, operator } = parts;
  const nearestFirst = enqueued.toSorted((a, b) => nearness(b, expected) - nearness(a, expected));
  const shown = nearestFirst.slice(0, MOST_SHOWN).map((task) => `\n  ${describe(task)}`);
  const more = enqueued.length > MOST_SHOWN ? `\n  and ${enqueued.length - MOST_SHOWN} more` : "";
  const list = enqueued.length === 0 ? "Nothing was enqueued." : `Enqueued, nearest first:${shown.join("")}${more}`;
  const [nearest] = nearestFirst;
  return new AssertionError({
    message: `${parts.message}\n${list}`,
    operator,
    // A framework draws the difference between these two: only what was asked for takes part in it.
    expected: pick(expected, expected),
    actual: nearest === undefined ? undefined : pick(shownOptions(nearest), expected),
  });
}

function isExpected(expected: ExpectedTask): (task: EnqueuedTask) => boolean {
  const wanted = expectedOptions(expected.options ?? {});
  return (task) => {
    const given: Readonly<Record<string, unknown>> = { ...task.options, priority: task.priority };
    return (
      (expected.topic === undefined || task.topic === expected.topic) &&
      (expected.function === undefined || task.function === expected.function) &&
      (expected.args === undefined || matches(expected.args, task.args)) &&
      wanted.every(([name, value]) => given[name] === value)
    );
  };
}

/** Checked as at an enqueue, durations in milliseconds. */
function expectedOptions(options: TaskOptions): [name: string, value: unknown][] {
  const { priority, options: others } = parseTaskOptions(options);
  return Object.entries({ ...toTaskOptions(others), ...(priority === undefined ? {} : { priority }) });
}

/** The function tells more than the topic, and each argument that is as expected a little. */
function nearness(task: EnqueuedTask, expected: ExpectedTask): number {
  const args = Array.isArray(expected.args) ? expected.args : [];
  const same = args.filter((arg, index) => matches(arg, task.args[index])).length;
  return (
    (task.function === expected.function ? 4 : 0) +
    (task.topic === expected.topic ? 2 : 0) +
    (args.length === 0 ? 0 : same / args.length)
  );
}

function describe({ topic, function: name, args, priority, options }: EnqueuedTask): string {
  const given = Object.entries(options).map(([option, value]) => `, ${option} ${value}`);
  return `${JSON.stringify(name)} on ${JSON.stringify(topic)} with ${showArguments(args)}, priority ${priority}${given.join("")}`;
}

function describeExpected({ topic, function: name, args, options = {} }: ExpectedTask): string {
  const given = expectedOptions(options).map(([option, value]) => `, ${option} ${String(value)}`);
  return [
    name === undefined ? "a task" : JSON.stringify(name),
    topic === undefined ? "" : ` on ${JSON.stringify(topic)}`,
    args === undefined ? "" : ` with ${showArguments(args)}`,
    ...given,
  ].join("");
}

function shownOptions(task: EnqueuedTask): ExpectedTask {
  return { ...task, options: { ...task.options, priority: task.priority } };
}

/** The parts of `task` that `expected` asks for. */
function pick(task: ExpectedTask, expected: ExpectedTask): ExpectedTask {
  const options = Object.keys(expected.options ?? {}) as (keyof TaskOptions)[];
  return {
    ...(expected.topic === undefined ? {} : { topic: task.topic }),
    ...(expected.function === undefined ? {} : { function: task.function }),
    ...(expected.args === undefined ? {} : { args: task.args }),
    ...(options.length === 0
      ? {}
      : { options: Object.fromEntries(options.map((name) => [name, task.options?.[name]])) }),
  };
}

function count(times: number): string {
  return times === 1 ? "once" : `${times} times`;
}
