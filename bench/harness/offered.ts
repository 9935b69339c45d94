import { Stage3Error, type Broker, type QueueOptions } from "stage3queue";
import type tasks from "../tasks.ts";

export type Isolation = "inline" | "thread" | "process";

type Entry = readonly ["nothing", readonly []];

interface Batches {
  enqueueMany?(topic: string, entries: readonly Entry[]): Promise<unknown>;
}

/** Whether this build has `broker.enqueueMany`. */
export function hasEnqueueMany(broker: Broker<typeof tasks>): boolean {
  return (broker as Batches).enqueueMany !== undefined;
}

export async function enqueueMany(
  broker: Broker<typeof tasks>,
  topic: string,
  entries: readonly Entry[],
): Promise<void> {
  const batches = broker as Batches;
  if (batches.enqueueMany !== undefined) await batches.enqueueMany(topic, entries);
  else await Promise.all(entries.map(([name, args]) => broker.enqueue(topic, name, args)));
}

/** A queue's `isolation`, also one that this build does not know. */
export function isolated(isolation: Isolation): QueueOptions {
  return { isolation } as QueueOptions;
}

/** Whether an instance could not be opened since this build does not know the isolation. */
export function isUnknownIsolation(error: unknown): boolean {
  return error instanceof Stage3Error && error.code === "INVALID_OPTION";
}
