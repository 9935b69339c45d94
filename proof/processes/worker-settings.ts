import type { Stage3QueueOptions } from "../../src/core/options/types.ts";

/** How a worker's process is built. */
export type WorkerForm =
  /** As in an application: a whole instance, its Engine in a thread. */
  | "whole"
  /** The Engine in place, behind wrappers that can kill the process at a named point. */
  | "inPlace";

/** What a worker's process is started with. */
export interface WorkerSettings {
  readonly form: WorkerForm;
  readonly database: string;
  readonly options: Pick<Stage3QueueOptions, "queues" | "lease" | "retention" | "durability">;
  readonly place: WorkerPlace;
  /** Decides what it calls. */
  readonly seed: number;
}

/** Where a worker's tasks write to. It travels in the environment, which children inherit. */
export interface WorkerPlace {
  /** Never had by any other worker of the same history. */
  readonly worker: string;
  readonly number: number;
  readonly history: string;
}

/** The environment's variable that holds a {@link WorkerPlace} as JSON; it also marks the processes. */
export const PLACE_VARIABLE = "STAGE3_TORTURE_PLACE";

/** What a process is started with that opens databases, one after another, until it is killed within one. */
export interface MigratingSettings {
  /** What it opens a copy of each time; none: a fresh file. */
  readonly old: string | undefined;
  /** The beginning of the files' names; a number follows. */
  readonly files: string;
  /** How long after the begin of the first one it is to be killed. */
  readonly afterMs: number;
}

/** Where a process kills itself, once it is told to. */
export type KillPoint =
  | "afterClaim"
  | "beforeSettle"
  | "afterSettle"
  | "insideCommit"
  | "duringPruning"
  | "afterLeaving";

export type ToWorker =
  | { readonly kind: "killYourself"; readonly point: KillPoint; readonly fraction: number }
  /** It is to enqueue, ask and abort by itself. */
  | { readonly kind: "beBusy" }
  /** It is to call nobody any more. */
  | { readonly kind: "beQuiet" };

/** `quiet`: it has called nobody since it was told to be quiet, and its last call was answered. */
export type FromWorker = { readonly kind: "ready" } | { readonly kind: "quiet" };
