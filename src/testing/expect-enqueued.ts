import { AssertionError } from "node:assert";
import { wholeNumber } from "../core/options/readers.ts";
import type { TaskOptions } from "../core/options/types.ts";
import { parseTaskOptions, writeTaskOptions } from "../core/options/task-options.ts";
import type { EnqueuedTask } from "./enqueue-log.ts";
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

/** How the tasks are judged. */
export interface Judgement {
  /** Exactly so many of them. Default: one or more. */
  readonly times?: number | undefined;
  /** The function that the test called: an error's stack starts where it was called. */
  readonly calledBy: (...args: never) => unknown;
}

/**
 * Returns the first task among `enqueued` that is as expected.
 *
 * @throws AssertionError where there is none, or not as many as `times` says; its message shows what was enqueued
 *   instead, the nearest first. Stage3Error `INVALID_OPTION` or `INVALID_PRIORITY` where an option is wrong.
 */
export function requireEnqueued(
  enqueued: readonly EnqueuedTask[],
  task: ExpectedTask,
  { times, calledBy }: Judgement,
): EnqueuedTask {
  if (times !== undefined) readTimes(times, "times");
  const expected = withDurationsInMs(task);
  const found = enqueued.filter((each) => isExpected(each, expected));
  const [first] = found;
  if (first !== undefined && (times === undefined || found.length === times)) return first;
  const wanted = times === undefined ? "enqueued" : `enqueued ${count(times)}`;
  const was = first === undefined ? "it was not" : `it was ${count(found.length)}`;
  throw failure({
    message: `Expected ${describeExpected(expected)} to be ${wanted}, but ${was}.`,
    enqueued,
    expected,
    calledBy,
  });
}

/** @throws AssertionError where a task among `enqueued` is as expected. */
export function requireNotEnqueued(
  enqueued: readonly EnqueuedTask[],
  expected: ExpectedTask,
  { calledBy }: Pick<Judgement, "calledBy">,
): void {
  const found = enqueued.filter((each) => isExpected(each, expected));
  if (found.length === 0) return;
  throw failure({
    message: `Expected ${describeExpected(expected)} not to be enqueued, but it was ${count(found.length)}.`,
    enqueued: found,
    expected,
    calledBy,
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
  calledBy: Judgement["calledBy"];
}): AssertionError {
  const { enqueued, expected, calledBy } = parts;
  const nearestFirst = enqueued.toSorted((a, b) => nearness(b, expected) - nearness(a, expected));
  const shown = nearestFirst.slice(0, MOST_SHOWN).map((task) => `\n  ${describe(task)}`);
  const more = enqueued.length > MOST_SHOWN ? `\n  and ${enqueued.length - MOST_SHOWN} more` : "";
  const list = enqueued.length === 0 ? "Nothing was enqueued." : `Enqueued, nearest first:${shown.join("")}${more}`;
  const [nearest] = nearestFirst;
  return new AssertionError({
    message: `${parts.message}\n${list}`,
    operator: calledBy.name,
    stackStartFn: calledBy,
    // A framework draws the difference between these two: only what was asked for takes part in it.
    expected: pick(expected, expected),
    actual: nearest === undefined ? undefined : pick({ ...nearest, options: allOptionsOf(nearest) }, expected),
  });
}

function isExpected(task: EnqueuedTask, { topic, function: name, args, options = {} }: ExpectedTask): boolean {
  return (
    (topic === undefined || task.topic === topic) &&
    (name === undefined || task.function === name) &&
    (args === undefined || matches(args, task.args)) &&
    matches(options, pickOptions(allOptionsOf(task), options))
  );
}

/** Checked as at an enqueue. */
function withDurationsInMs(task: ExpectedTask): ExpectedTask {
  return { ...task, options: writeTaskOptions(parseTaskOptions(task.options)) };
}

function allOptionsOf(task: EnqueuedTask): TaskOptions {
  return { priority: task.priority, ...task.options };
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

function describe(task: EnqueuedTask): string {
  return describeExpected({ ...task, options: allOptionsOf(task) });
}

function describeExpected({ topic, function: name, args, options = {} }: ExpectedTask): string {
  return [
    name === undefined ? "a task" : JSON.stringify(name),
    topic === undefined ? "" : ` on ${JSON.stringify(topic)}`,
    args === undefined ? "" : ` with ${showArguments(args)}`,
    ...Object.entries(options).map(([option, value]) => `, ${option} ${String(value)}`),
  ].join("");
}

/** The parts of `task` that `expected` asks for. */
function pick(task: ExpectedTask, { topic, function: name, args, options = {} }: ExpectedTask): ExpectedTask {
  return {
    ...(topic === undefined ? {} : { topic: task.topic }),
    ...(name === undefined ? {} : { function: task.function }),
    ...(args === undefined ? {} : { args: task.args }),
    ...(Object.keys(options).length === 0 ? {} : { options: pickOptions(task.options ?? {}, options) }),
  };
}

function pickOptions(options: TaskOptions, wanted: TaskOptions): TaskOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name in wanted));
}

function count(times: number): string {
  return times === 1 ? "once" : `${times} times`;
}
