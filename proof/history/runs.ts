import type { OperationResults, SettleOperation } from "../../src/storage/port.ts";
import type { AttemptBegan, AttemptEffect, AttemptOver, AttemptReleased, Commit, WorkerEvent } from "./events.ts";
import { FencedClaims } from "./fenced-claims.ts";
import type { Accuse } from "./rules.ts";
import { UnreadableClaims } from "./unreadable-claims.ts";

/** One call of a handler. */
export interface Run {
  readonly id: string;
  readonly attempt: number;
  readonly topic: string;
  readonly worker: string;
  isOver: boolean;
  /** Its worker was taken for dead meanwhile: nobody can stop it any more, and nothing that it says counts. */
  isFenced: boolean;
  readonly mayBeAbandoned: boolean;
}

/** What handlers did, and where: their limits, and what they must not do any more. */
export class Runs {
  readonly #maxConcurrency: Readonly<Record<string, number>>;
  readonly #accuse: Accuse;
  readonly #runs = new Map<string, Run>();
  /** By worker: those that go on. */
  readonly #live = new Map<string, Set<Run>>();
  readonly #gone = new Set<string>();
  readonly #stalled = new Set<string>();
  readonly #stopping = new Set<string>();
  readonly #abortAsked = new Set<string>();
  readonly #aborted = new Set<string>();
  readonly #ended = new Set<string>();
  readonly #unreadable = new UnreadableClaims();
  readonly #fenced = new FencedClaims();
  /** Whether the history holds commits, which tell when a worker was taken for dead. */
  #isWitnessed = false;

  constructor(maxConcurrency: Readonly<Record<string, number>>, accuse: Accuse) {
    this.#maxConcurrency = maxConcurrency;
    this.#accuse = accuse;
  }

  get count(): number {
    return this.#runs.size;
  }

  of(run: string): Run | undefined {
    return this.#runs.get(run);
  }

  /** An abort was answered with true: there is no further effect. */
  aborted(id: string): void {
    this.#aborted.add(id);
    this.knownEnd(id);
  }

  /** Somebody has read that the task is finished or aborted, which is for ever. */
  knownEnd(id: string): void {
    this.#ended.add(id);
  }

  /** Somebody has called for an abort. */
  abortAsked(id: string): void {
    this.#abortAsked.add(id);
  }

  began({ run, id, attempt, topic, worker, mayBeAbandoned = false }: AttemptBegan): void {
    const isFenced = this.isFenced(worker) || this.#fenced.has(id, attempt);
    const began: Run = { id, attempt, topic, worker, isOver: false, isFenced, mayBeAbandoned };
    this.#runs.set(run, began);
    const live = this.#of(worker).add(began);
    if (this.#unreadable.isLatestOf(worker, id)) this.#accuse("unreadable", `${id} began, and nobody could read it`);
    if (this.#gone.has(worker) && !began.isFenced) this.#accuse("stop", `${id} began in ${worker}, which is gone`);
    // Elsewhere a worker may not have heard yet that it is to stop.
    if (this.#isWitnessed && this.#stopping.has(worker) && !began.isFenced)
      this.#accuse("stop", `${id} began in ${worker}, which is stopping`);
    if (this.#ended.has(id) && !began.isFenced && !this.#isAbandoned(began))
      this.#accuse("end states", `${id} began again after its end`);
    const ofTopic = [...live].filter((other) => other.topic === topic).length;
    const most = this.#maxConcurrency[topic] ?? Number.POSITIVE_INFINITY;
    if (ofTopic > most) this.#accuse("concurrency", `${ofTopic} tasks of ${topic} ran at once in ${worker}`);
  }

  effect({ run }: AttemptEffect): void {
    const of = this.#runs.get(run);
    if (of === undefined || of.isFenced) return;
    if (of.isOver) this.#accuse("kill", `attempt ${of.attempt} of ${of.id} had an effect after its end`);
    if (this.#aborted.has(of.id) && !this.#isAbandoned(of))
      this.#accuse("abort", `${of.id} had an effect after its abort was answered`);
  }

  released({ run }: AttemptReleased): void {
    const of = this.#runs.get(run);
    if (of !== undefined) this.#of(of.worker).delete(of);
  }

  over({ run }: AttemptOver): void {
    const of = this.#runs.get(run);
    if (of === undefined) return;
    of.isOver = true;
    this.#of(of.worker).delete(of);
  }

  worker({ worker, event }: WorkerEvent): void {
    if (event === "stalled") {
      this.#stalled.add(worker);
      if (!this.#isWitnessed) for (const run of this.#of(worker)) run.isFenced = true;
    }
    if (event === "stopping") this.#stopping.add(worker);
    if (event === "woken") this.#stalled.delete(worker);
    if (event !== "stopped" && event !== "crashed") return;
    this.#gone.add(worker);
    const live = this.#of(worker);
    const outlived = [...live].filter(({ isFenced }) => !isFenced).length;
    if (event === "stopped" && outlived > 0) this.#accuse("stop", `${outlived} attempts outlived ${worker}`);
    for (const run of live) run.isOver = true;
    live.clear();
  }

  /** A worker that was rescued is named `instance.generation.registration`. */
  committed({ operations, outcomes }: Commit): void {
    this.#isWitnessed = true;
    for (const [index, operation] of operations.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok !== true) continue;
      this.#fenced.committed(operation, outcome.value);
      if (operation.kind === "claim")
        this.#unreadable.claimed(operation.worker, outcome.value as OperationResults["claim"]);
      if (operation.kind === "settle") this.#settled(operation, outcome.value as OperationResults["settle"]);
      if (operation.kind !== "rescue") continue;
      const [instance = ""] = operation.worker.split(".");
      for (const run of this.#of(instance)) run.isFenced = true;
    }
  }

  /** Whoever kills an attempt says why: its time was over, it was aborted, or its worker stops and gives it back. */
  #settled({ id, epoch, outcome }: SettleOperation, result: OperationResults["settle"]): void {
    if (this.#unreadable.has(id, epoch) && (outcome.kind === "restart" || outcome.kind === "finish"))
      this.#accuse("unreadable", `${id} cannot be read, and its attempt ended as ${outcome.kind}`);
    if (result.kind === "settled" && "failure" in outcome && outcome.failure.code === "TASK_KILLED") {
      this.#accuse("stop", `${id} was killed without a reason, and counted as failed`);
    }
  }

  #isAbandoned({ id, mayBeAbandoned }: Run): boolean {
    return mayBeAbandoned && this.#abortAsked.has(id);
  }

  /** Whether what that worker runs may have been taken over, as far as the history tells. */
  isFenced(worker: string): boolean {
    return !this.#isWitnessed && this.#stalled.has(worker);
  }

  #of(worker: string): Set<Run> {
    const live = this.#live.get(worker) ?? new Set();
    this.#live.set(worker, live);
    return live;
  }
}
