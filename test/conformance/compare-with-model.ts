import { expect } from "vitest";
import { TRANSITIONS, type TaskState } from "../../src/core/transitions.ts";
import type {
  ClaimedTask,
  Operation,
  OperationOutcome,
  Storage,
  TaskChange,
  TopicCounts,
} from "../../src/storage/port.ts";
import { workerRecord, type Driver } from "./driver.ts";
import { Model } from "./model.ts";
import type { ModelTask } from "./model-task.ts";
import type { RandomTurn } from "./random-operations.ts";

/** Applies the turns to a storage and to the model, and expects the same answers and the same tasks after each. */
export async function compareWithModel(driver: Driver, turns: readonly RandomTurn[]): Promise<void> {
  const model = new Model();
  model.apply({ kind: "registerWorker", worker: workerRecord("w1") }, 0);
  let before = statesOf(model);
  for (const { passedMs, operations } of turns) {
    driver.now += passedMs;
    const { outcomes, changes } = await driver.storage.turn(operations, { now: driver.now });
    model.beginTurn();
    const expected = operations.map((operation) => model.apply(operation, driver.now));
    expect(outcomes.map((outcome, index) => abridge(operations[index], outcome))).toEqual(expected);
    const after = await observe(driver.storage, model);
    expect(changed(before, changes)).toEqual(after);
    expect(await driver.storage.states([...before.keys(), ...after.keys(), "unknown"])).toEqual(after);
    if (operations.length === 1) for (const [id, state] of before) expectAllowed(state, after.get(id));
    before = after;
  }
}

/** The states of tasks after these changes, each of which begins where the one before has led. */
function changed(before: ReadonlyMap<string, TaskState>, changes: readonly TaskChange[]): Map<string, TaskState> {
  const states = new Map(before);
  for (const { task, from, to } of changes) {
    expect(from).toBe(states.get(task));
    if (to === undefined) states.delete(task);
    else states.set(task, to);
  }
  return states;
}

/** An answer without what the model does not keep: of a claimed task, its attempt alone. */
function abridge(operation: Operation | undefined, outcome: OperationOutcome<Operation>): unknown {
  if (!outcome.ok) return "code" in outcome.error ? outcome.error.code : outcome.error;
  const { value } = outcome;
  if (operation?.kind === "claim" && Array.isArray(value)) return value.map(abridgeClaimed);
  if (typeof value === "object" && "kind" in value && value.kind === "claimed") {
    return { kind: "claimed", task: abridgeClaimed(value.task) };
  }
  if (typeof value === "object" && "claimed" in value) return { ...value, claimed: value.claimed.map(abridgeClaimed) };
  return value;
}

function abridgeClaimed({ id, epoch, attempt, maxRestarts }: ClaimedTask): Partial<ClaimedTask> {
  return { id, epoch, attempt, maxRestarts };
}

/** Expects every read to answer as the model would; the states that were seen. */
async function observe(storage: Storage, model: Model): Promise<Map<string, TaskState>> {
  for (const task of model.tasks) {
    expect(await storage.get(task.id)).toMatchObject({
      state: task.state,
      attempt: task.attempt,
      epoch: task.epoch,
      priority: task.priority,
      endedAt: task.endedAt,
      runAt: task.runAt,
      progress: task.progress,
      result: task.state === "finished" ? "1" : undefined,
      failures: task.failures,
      failureCount: task.failureCount,
    });
  }
  const dead = model.inState("in_dead_letter_queue").toReversed();
  const seenDead = await storage.deadLetters({ limit: 100 });
  expect(seenDead.map(({ id }) => id)).toEqual(dead.map(({ id }) => id));
  const queued = model.tasks.filter(({ state, epoch }) => epoch === 0 && (state === "ready" || state === "waiting"));
  const expiring = queued.flatMap(({ expiresAt }) => expiresAt ?? []);
  const due = [...model.inState("waiting").map(({ dueAt }) => dueAt), ...expiring];
  expect(await storage.nextDueAt()).toBe(due.length === 0 ? undefined : Math.min(...due));
  const aborting = model.inState("running").filter(({ worker, abortRequested }) => worker === "w1" && abortRequested);
  const seenAborting = await storage.abortRequests("w1");
  expect(seenAborting.map(({ id }) => id).toSorted()).toEqual(aborting.map(({ id }) => id).toSorted());
  const workers = await storage.workers();
  expect(new Map(workers.map(({ id, heartbeat }) => [id, heartbeat]))).toEqual(model.workers);
  const condemned = workers.filter(({ isCondemned }) => isCondemned).map(({ id }) => id);
  expect(new Set(condemned)).toEqual(model.condemned);
  const seenCounts = await storage.topicCounts();
  expect(seenCounts.toSorted((a, b) => a.topic.localeCompare(b.topic))).toEqual(countsOf(model));
  const registry = await storage.registry(undefined);
  const seenNames = Array.from(registry?.topics ?? [], ([topic, { functions }]) => [topic, new Set(functions.keys())]);
  const names = Array.from(model.registry.topics, (topic) => [topic, new Set(model.registry.functionsOf(topic))]);
  expect(new Map(seenNames as [string, Set<string>][])).toEqual(new Map(names as [string, Set<string>][]));
  return statesOf(model);
}

/** What the storage is to tell of each topic. */
function countsOf(model: Model): TopicCounts[] {
  const topics = [...new Set([...model.registry.topics, ...model.tasks.map(({ topic }) => topic)])].toSorted();
  return topics.map((topic) => {
    const tasks = model.tasks.filter((task) => task.topic === topic);
    const counts = { ready: 0, waiting: 0, running: 0, finished: 0, in_dead_letter_queue: 0, aborted: 0 };
    for (const { state } of tasks) counts[state] += 1;
    const queued = tasks.filter(({ state }) => state === "ready" || state === "waiting");
    const functions = [...new Set(queued.map((task) => task.function))].toSorted();
    const unclaimable = functions.filter((name) => !model.registry.isOffered(topic, name));
    const heads = new Map<number, ModelTask>();
    for (const task of model.inState("ready").toReversed()) if (task.topic === topic) heads.set(task.priority, task);
    const oldest = Math.min(...Array.from(heads.values(), ({ queuedAt }) => queuedAt));
    return {
      topic,
      counts,
      oldestQueuedAt: Number.isFinite(oldest) ? oldest : undefined,
      isServed: model.registry.isOffered(topic),
      unclaimable: unclaimable.map((name) => ({
        function: name,
        tasks: queued.filter((task) => task.function === name).length,
      })),
    };
  });
}

function statesOf(model: Model): Map<string, TaskState> {
  return new Map(model.tasks.map(({ id, state }) => [id, state]));
}

/** One operation takes a task along one arrow of the table at most; `to` undefined: it was removed. */
function expectAllowed(from: TaskState, to: TaskState | undefined): void {
  if (from === to) return;
  const rules: readonly { from: readonly TaskState[]; to: readonly TaskState[] }[] = Object.values(TRANSITIONS);
  const allowed = rules.some(
    (rule) => rule.from.includes(from) && (to === undefined ? rule.to.length === 0 : rule.to.includes(to)),
  );
  expect(allowed, `${from} to ${to ?? "nothing"}`).toBe(true);
}
