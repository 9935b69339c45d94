import { assertNever } from "../../src/core/errors.ts";
import { sleep, systemClock } from "../../src/core/clock.ts";
import { findOrphans, workersOf } from "../sqlite/inspection.ts";
import type { Chance } from "../simulation/chance.ts";
import type { Fleet } from "./fleet.ts";
import type { Guard } from "./guard.ts";
import { killWhileMigrating } from "./migration-round.ts";
import { LEASE_MS } from "./queues.ts";
import type { RoundKind } from "./round-kinds.ts";
import { within } from "./within.ts";
import type { WorkerProcess } from "./worker-process.ts";
import type { KillPoint } from "./worker-settings.ts";

export interface RoundsParts {
  readonly fleet: Fleet;
  readonly chance: Chance;
  /** The file that the workers share. */
  readonly file: string;
  /** For what a round needs of its own. */
  readonly folder: string;
  readonly cache: string;
  readonly guard: Guard;
  /** Breaks off a stall, which goes on for longest. */
  readonly signal: AbortSignal;
}

const LONGEST_LIFE_MS = 60;
const LONGEST_START_MS = 150;
/** How long a worker may take to come to its point: one that has nothing to do does not. */
const POINT_LIMIT_MS = 2_000;
const STOP_LIMIT_MS = 10_000;
const LONGEST_BETWEEN_SIGNALS_MS = 60;
/** From about when others take it for dead, when its tasks may run twice at once, until they must have looked. */
const LEAST_STALL_MS = LEASE_MS * 1.05;
const LONGEST_STALL_MS = LEASE_MS * 1.4;
/** How long a worker that was woken may take to find out, to end what it runs, and to register anew. */
const ANEW_LIMIT_MS = 1_000;
const POLL_MS = 20;

/** Plays rounds on the workers of one database. */
export class Rounds {
  /** What must not have happened, as sentences. */
  readonly faults: string[] = [];
  readonly #parts: RoundsParts;
  readonly #stalls = new Set<Promise<void>>();
  #missed = 0;

  constructor(parts: RoundsParts) {
    this.#parts = parts;
  }

  /** How many workers never came to the point where they were to die, and were killed from outside. */
  get missed(): number {
    return this.#missed;
  }

  /** Resolves once the worker is gone, or, where it is stalled, once it has stopped. */
  async play(kind: RoundKind): Promise<WorkerProcess | undefined> {
    const { fleet, chance } = this.#parts;
    switch (kind) {
      case "anyMoment": {
        const worker = await fleet.oldest();
        await sleep(systemClock, chance.between(0, LONGEST_LIFE_MS));
        return this.#kill(worker);
      }
      case "starting": {
        const worker = fleet.start();
        await sleep(systemClock, chance.between(0, LONGEST_START_MS));
        return this.#kill(worker);
      }
      case "afterClaim":
      case "beforeSettle":
      case "afterSettle":
      case "insideCommit":
      case "duringPruning":
        return this.#killAt(await fleet.oldest("inPlace"), kind);
      case "afterLeaving": {
        const worker = await fleet.oldest("inPlace");
        worker.killAt(kind, 0);
        worker.terminate();
        fleet.fill();
        await this.#stopped(worker);
        this.faults.push(...findOrphans(this.#parts.file));
        return worker;
      }
      case "migration":
      case "upgrade":
        this.faults.push(...(await killWhileMigrating(kind, this.#parts)));
        return undefined;
      case "stall":
        this.#stall(await fleet.oldest());
        return undefined;
      case "terminate":
        return this.#terminate(await fleet.oldest());
      case "terminateTwice": {
        const worker = await fleet.oldest();
        worker.terminate();
        fleet.fill();
        await sleep(systemClock, chance.between(0, LONGEST_BETWEEN_SIGNALS_MS));
        worker.terminateAgain();
        await this.#stopped(worker);
        return worker;
      }
      default:
        return assertNever(kind);
    }
  }

  /** Resolves when no worker is stalled any more. */
  async over(): Promise<void> {
    await Promise.all(this.#stalls);
  }

  async #kill(worker: WorkerProcess): Promise<WorkerProcess> {
    worker.kill();
    this.#parts.fleet.fill();
    await worker.ended;
    return worker;
  }

  async #killAt(worker: WorkerProcess, point: KillPoint): Promise<WorkerProcess> {
    worker.killAt(point, this.#parts.chance.between(0, 1.2));
    this.#parts.fleet.fill();
    if ((await within(worker.ended, POINT_LIMIT_MS)) === undefined) {
      this.#missed += 1;
      worker.kill();
      await worker.ended;
    }
    return worker;
  }

  async #terminate(worker: WorkerProcess): Promise<WorkerProcess> {
    worker.terminate();
    this.#parts.fleet.fill();
    const end = await this.#stopped(worker);
    if (end?.code !== 0) return worker;
    const left = workersOf(this.#parts.file, worker.pid);
    if (left.length > 0) this.faults.push(`${worker.name} has stopped, and is still registered as ${left.join(", ")}`);
    this.faults.push(...findOrphans(this.#parts.file));
    return worker;
  }

  async #stopped(worker: WorkerProcess): Promise<{ code: number | null } | undefined> {
    const end = await within(worker.ended, STOP_LIMIT_MS);
    if (end !== undefined) return end;
    this.faults.push(`${worker.name} had not stopped ${STOP_LIMIT_MS} ms after SIGTERM`);
    worker.kill();
    await worker.ended;
    return undefined;
  }

  /** It goes on beside the rounds that follow. */
  #stall(worker: WorkerProcess): void {
    const stallMs = this.#parts.chance.between(LEAST_STALL_MS, LONGEST_STALL_MS);
    const stall = this.#stallAndWake(worker, stallMs).catch((error: unknown) => {
      this.faults.push(`the database could not be read while a worker was stalled: ${String(error)}`);
    });
    this.#stalls.add(stall);
    void stall.then(() => this.#stalls.delete(stall));
  }

  async #stallAndWake(worker: WorkerProcess, stallMs: number): Promise<void> {
    const { fleet, signal } = this.#parts;
    const before = new Set(workersOf(this.#parts.file, worker.pid));
    worker.stall();
    fleet.fill();
    // Where it was stopped within a transaction, none is ready before it goes on.
    const observer = fleet.keepOne().catch(() => undefined);
    await sleep(systemClock, stallMs, signal);
    void observer.then((kept) => kept !== undefined && fleet.letGo(kept));
    worker.wake();
    const until = systemClock.monotonic() + ANEW_LIMIT_MS;
    while (!worker.isGone && systemClock.monotonic() < until) {
      const now = workersOf(this.#parts.file, worker.pid);
      if (now.some((name) => !before.has(name))) return worker.registeredAnew();
      await sleep(systemClock, POLL_MS);
    }
    // Nobody has taken it for dead: its attempts go on, as far as they were not over.
    worker.kill();
    await worker.ended;
  }
}
