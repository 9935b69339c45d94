import type { FailureReason } from "../../src/core/failure.ts";
import type {
  ClaimOperation,
  ClaimedTask,
  EnqueueOperation,
  EnqueueResult,
  Operation,
  OperationOutcome,
  OperationResults,
  Settlement,
  Storage,
  StoredTask,
  WorkerRecord,
} from "../../src/storage/port.ts";

/** The failure of an attempt, where a test does not care which. */
export const FAILURE: FailureReason = { code: "TASK_FAILED", message: "it failed", stack: "at line 1" };

/** The functions that most claims of the tests know. */
export const KNOWN: ReadonlyMap<string, { maxRestarts: number }> = new Map([["work", { maxRestarts: 2 }]]);

export const TOPIC = "default";

/** An enqueue with everything filled in that a test leaves out. */
export function enqueueing(id: string, changes: Partial<EnqueueOperation> = {}): EnqueueOperation {
  return {
    kind: "enqueue",
    id,
    topic: TOPIC,
    function: "work",
    args: "[]",
    priority: 10,
    options: {},
    maxQueueLen: Infinity,
    ...changes,
  };
}

export function claiming(limit: number, changes: Partial<ClaimOperation> = {}): ClaimOperation {
  return { kind: "claim", topic: TOPIC, worker: "w1", limit, functions: KNOWN, ...changes };
}

export function workerRecord(id: string): WorkerRecord {
  const process = { bootId: "boot", pidNamespace: "pid:[1]", pid: 4711, startTime: "12345" };
  return { id, heartbeat: 0, leaseMs: 30_000, process };
}

/** Speaks to one storage with a clock of its own, and opens the outcomes of its operations. */
export class Driver {
  readonly storage: Storage;
  now = 1_700_000_000_000;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  /** A storage where the worker "w1" is registered. */
  static async start(storage: Storage): Promise<Driver> {
    const driver = new Driver(storage);
    await driver.do({ kind: "registerWorker", worker: workerRecord("w1") });
    return driver;
  }

  /** One operation in a turn of its own. */
  async do<const Op extends Operation>(operation: Op): Promise<OperationResults[Op["kind"]]> {
    const { outcomes } = await this.storage.turn([operation], { now: this.now });
    return valueOf(outcomes[0]);
  }

  /** Several operations in one turn, all of which are to be stored. */
  async all(operations: readonly Operation[]): Promise<OperationResults[Operation["kind"]][]> {
    const { outcomes } = await this.storage.turn(operations, { now: this.now });
    return outcomes.map(valueOf);
  }

  enqueue(id: string, changes?: Partial<EnqueueOperation>): Promise<EnqueueResult> {
    return this.do(enqueueing(id, changes));
  }

  /** Enqueues several, in this order and in one turn. */
  async enqueueAll(ids: readonly string[], changes?: Partial<EnqueueOperation>): Promise<void> {
    await this.all(ids.map((id) => enqueueing(id, changes)));
  }

  claim(limit: number, changes?: Partial<ClaimOperation>): Promise<ClaimedTask[]> {
    return this.do(claiming(limit, changes));
  }

  async claimIds(limit: number, changes?: Partial<ClaimOperation>): Promise<string[]> {
    return (await this.claim(limit, changes)).map(({ id }) => id);
  }

  /** Enqueues one task and claims it. */
  async running(id: string, changes?: Partial<EnqueueOperation>): Promise<ClaimedTask> {
    await this.enqueue(id, changes);
    const [claimed] = await this.claim(1);
    if (claimed?.id !== id) throw new Error(`${claimed?.id ?? "nothing"} was claimed in place of ${id}.`);
    return claimed;
  }

  /** Enqueues one task and has its first attempt end in the dead-letter queue. */
  async buried(id: string, changes?: Partial<EnqueueOperation>): Promise<void> {
    await this.settle(await this.running(id, changes), { kind: "bury", failure: FAILURE });
  }

  settle({ id, epoch }: { id: string; epoch: number }, outcome: Settlement): Promise<OperationResults["settle"]> {
    return this.do({ kind: "settle", id, epoch, outcome });
  }

  async task(id: string): Promise<StoredTask> {
    const task = await this.storage.get(id);
    if (task === undefined) throw new Error(`There is no task ${id}.`);
    return task;
  }
}

function valueOf<Op extends Operation>(outcome: OperationOutcome<Op>): OperationResults[Op["kind"]] {
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}
