import type { WorkerRow } from "../../storage/port.ts";

/** What one look counts at most, whatever has passed since the last one. */
const MOST_A_LOOK = 1 / 6;
/** From where on silence has to be proved, and then again after each stretch of so much: more than between two heartbeats. */
const PROVED_FROM = 1 / 2;
const PROVED_EACH = 1 / 6;
/** Where more has passed since the last look, or where a write took longer, this observer stood still itself. */
const STANDSTILL = 1 / 3;
const LEAST_STANDSTILL_MS = 1_000;

interface Sighting {
  readonly heartbeat: number;
  readonly leaseMs: number;
  silentMs: number;
  /** The part of it for which this observer has not shown that it could have written itself. */
  unprovedMs: number;
}

/**
 * For how long the other workers have not moved their heartbeats although they could, as far as one observer can tell.
 * The time in which it stood still itself is nobody's silence, since they may have stood still with it; nor is time in
 * which nobody could write.
 */
export class Silence {
  readonly #sightings = new Map<string, Sighting>();

  /** The others as they are now, so much later than at the last look. */
  look(workers: readonly WorkerRow[], passedMs: number): void {
    const present = new Set(workers.map(({ id }) => id));
    for (const id of this.#sightings.keys()) if (!present.has(id)) this.#sightings.delete(id);
    for (const { id, heartbeat, leaseMs } of workers) {
      const sighting = this.#sightings.get(id);
      if (sighting?.heartbeat === heartbeat) count(sighting, passedMs);
      else this.#sightings.set(id, { heartbeat, leaseMs, silentMs: 0, unprovedMs: 0 });
    }
  }

  /** Whether this observer has to write something before anybody's silence may go on, or end. */
  get needsProof(): boolean {
    return [...this.#sightings.values()].some(
      ({ silentMs, unprovedMs, leaseMs }) =>
        (silentMs >= leaseMs * PROVED_FROM && unprovedMs >= leaseMs * PROVED_EACH) ||
        (silentMs >= leaseMs && unprovedMs > 0),
    );
  }

  /** This observer has written something, and it took so long. */
  proved(tookMs: number): void {
    for (const sighting of this.#sightings.values()) {
      if (isStandstill(tookMs, sighting)) forget(sighting);
      else sighting.unprovedMs = 0;
    }
  }

  /** Nothing of it counts: this observer could not write or read. */
  forget(): void {
    for (const sighting of this.#sightings.values()) forget(sighting);
  }

  /** Whether it has lasted for the worker's whole lease. */
  isOver(worker: string): boolean {
    const sighting = this.#sightings.get(worker);
    return sighting !== undefined && sighting.silentMs >= sighting.leaseMs && sighting.unprovedMs === 0;
  }
}

function count(sighting: Sighting, passedMs: number): void {
  if (isStandstill(passedMs, sighting)) return forget(sighting);
  const countedMs = Math.min(passedMs, sighting.leaseMs * MOST_A_LOOK);
  sighting.silentMs += countedMs;
  sighting.unprovedMs += countedMs;
}

function isStandstill(passedMs: number, { leaseMs }: Sighting): boolean {
  return passedMs > Math.max(leaseMs * STANDSTILL, LEAST_STANDSTILL_MS);
}

function forget(sighting: Sighting): void {
  sighting.silentMs = 0;
  sighting.unprovedMs = 0;
}
