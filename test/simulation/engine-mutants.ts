import type { Mutant } from "./mutant.ts";

const ENGINE = "src/engine/";

/** What can be wrong in the Engine, and between it and its callers. */
export const ENGINE_MUTANTS: readonly Mutant[] = [
  {
    name: "every requeue is answered as done",
    breaks: "answers",
    file: `${ENGINE}engine.ts`,
    line: `return requeued !== undefined;`,
    instead: `return true;`,
  },
  {
    name: "a task finishes with a result that no attempt has returned",
    breaks: "end states",
    file: `${ENGINE}attempt.ts`,
    line: `...(outcome.result === undefined ? {} : { result: outcome.result })`,
    instead: `result: "0"`,
  },
  {
    name: "an attempt that was killed goes on",
    breaks: "kill",
    file: "src/torture/simulation/simulated-executor.ts",
    line: `    this.#over = true;
    this.#next?.cancel();`,
    instead: `    this.#over = true;`,
  },
  {
    name: "a lease is judged by the observer's wall clock",
    breaks: "rescue",
    file: `${ENGINE}rescuer.ts`,
    line: `this.#lastLook = { at: clock.monotonic(),`,
    instead: `this.#lastLook = { at: clock.now(),`,
  },
  {
    name: "a lease ends after half its time",
    breaks: "rescue",
    file: `${ENGINE}rescuer.ts`,
    line: `return sighting.silentMs >= worker.leaseMs;`,
    instead: `return sighting.silentMs >= worker.leaseMs / 2;`,
  },
  {
    name: "an enqueue is answered before its turn has committed",
    breaks: "lost",
    file: `${ENGINE}turn-loop.ts`,
    line: `const claims = this.#source.claims(topicsOf(enqueues));`,
    instead: `const claims = this.#source.claims(topicsOf(enqueues)); for (const { settle } of enqueues) settle({ ok: true, value: { kind: "stored", claimed: [], repeated: [] } });`,
  },
  {
    name: "one task more than the limit runs at once",
    breaks: "concurrency",
    file: `${ENGINE}queue.ts`,
    line: `this.settings.maxConcurrency - this.#running`,
    instead: `this.settings.maxConcurrency + 1 - this.#running`,
  },
  {
    name: "an abort is answered before the attempt is gone",
    breaks: "abort",
    file: `${ENGINE}engine.ts`,
    line: `if (result.kind !== "requested") return result.kind === "aborted";`,
    instead: `if (result.kind !== "requested") return result.kind === "aborted"; return true;`,
  },
  {
    name: "a task is given up one restart early",
    breaks: "attempts",
    file: `${ENGINE}attempt.ts`,
    line: `if (attempt > maxRestarts) return { kind: "bury", failure };`,
    instead: `if (attempt >= maxRestarts) return { kind: "bury", failure };`,
  },
  {
    name: "an abort of a running task is never answered",
    breaks: "liveness",
    file: `${ENGINE}engine.ts`,
    line: `if (result.kind !== "requested") return result.kind === "aborted";`,
    instead: `if (result.kind !== "requested") return result.kind === "aborted"; await new Promise(() => {});`,
  },
  {
    name: "a stop never comes to its end",
    breaks: "liveness",
    file: `${ENGINE}worker.ts`,
    line: `    await this.#attempts.endAll();`,
    instead: `    await this.#attempts.endAll(); await new Promise(() => {});`,
  },
  {
    name: "whoever waits for a result gets another one",
    breaks: "answers",
    file: "src/broker/await-result.ts",
    line: `(JSON.parse(task.result) as unknown);`,
    instead: `"another";`,
  },
  {
    name: "one restart too many",
    breaks: "attempts",
    file: `${ENGINE}attempt.ts`,
    line: `if (attempt > maxRestarts) return { kind: "bury", failure };`,
    instead: `if (attempt > maxRestarts + 1) return { kind: "bury", failure };`,
  },
  {
    name: "an attempt that a stop cut off counts as failed",
    breaks: "stop",
    file: `${ENGINE}attempt.ts`,
    line: `return { kind: "giveBack" };`,
    instead: `return this.#failed({ code: "TASK_KILLED", message: "It was killed." });`,
  },
  {
    name: "a free slot is never freed",
    breaks: "every task ends",
    file: `${ENGINE}attempts.ts`,
    line: `      queue.slotFreed();`,
    instead: ``,
  },
  {
    name: "nobody looks when the next wait is over",
    breaks: "every task ends",
    file: `${ENGINE}promoter.ts`,
    line: `this.#timer = this.#clock.setTimer(delayMs, () => void this.#promote());`,
    instead: ``,
  },
  {
    name: "what a lost answer hid is never given back",
    breaks: "every task ends",
    file: `${ENGINE}storage-fault.ts`,
    line: `this.#leavesDoubt ||= !isLock;`,
    instead: ``,
  },
  {
    name: "a timeout is not kept",
    breaks: "every task ends",
    file: `${ENGINE}attempt.ts`,
    line: `parts.clock.setTimer(timeoutMs, () => this.cut("timeout"))`,
    instead: `parts.clock.setTimer(1e9, () => this.cut("timeout"))`,
  },
  {
    name: "tasks are pruned before their time",
    breaks: "lost",
    file: `${ENGINE}pruner.ts`,
    line: `endedBefore: clock.now() - keptMs`,
    instead: `endedBefore: clock.now() - keptMs / 2`,
  },
  {
    name: "a worker that stops claims on",
    breaks: "stop",
    file: `${ENGINE}worker.ts`,
    line: `    this.#claiming = false;
    this.#promoter.stop();`,
    instead: `    this.#promoter.stop();`,
  },
];
