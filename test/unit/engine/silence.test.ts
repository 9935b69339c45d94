import { describe, expect, it } from "vitest";
import { Silence } from "../../../src/engine/duties/silence.ts";
import type { WorkerRow } from "../../../src/storage/port.ts";

const LEASE_MS = 30_000;

function worker(heartbeat = 0, leaseMs = LEASE_MS): WorkerRow {
  const process = { bootId: "", pidNamespace: "", pid: 1, startTime: "" };
  return { id: "w", heartbeat, leaseMs, process, isCondemned: false };
}

/** Looks once a second, proving where that is needed; the seconds until the silence was over, or `most`. */
function secondsUntilOver(silence: Silence, most = 60): number {
  for (let seconds = 1; seconds <= most; seconds += 1) {
    silence.look([worker()], 1_000);
    if (silence.needsProof) silence.proved(1);
    if (silence.isOver("w")) return seconds;
  }
  return most;
}

describe("the silence of a worker", () => {
  it("is over after a lease, seen from the first look on", () => {
    const silence = new Silence();
    silence.look([worker()], 0);
    expect(secondsUntilOver(silence)).toBe(30);
  });

  it("begins anew with each heartbeat, and where the worker is gone meanwhile", () => {
    const silence = new Silence();
    silence.look([worker()], 0);
    expect(secondsUntilOver(silence, 29)).toBe(29);
    silence.look([worker(1)], 1_000);
    silence.look([worker(0)], 1_000);
    expect(secondsUntilOver(silence, 29)).toBe(29);
    silence.look([], 1_000);
    silence.look([worker()], 1_000);
    expect(secondsUntilOver(silence)).toBe(30);
  });

  it("does not count a standstill of the observer, and begins anew after it", () => {
    const silence = new Silence();
    silence.look([worker()], 0);
    expect(secondsUntilOver(silence, 25)).toBe(25);
    silence.look([worker()], 55_000);
    expect(silence.isOver("w")).toBe(false);
    expect(secondsUntilOver(silence)).toBe(30);
  });

  it("counts no more of one look than a sixth of the lease", () => {
    const silence = new Silence();
    silence.look([worker()], 0);
    for (let look = 0; look < 5; look += 1) silence.look([worker()], 9_000);
    expect(silence.needsProof).toBe(true);
    silence.proved(1);
    expect(silence.isOver("w")).toBe(false);
    silence.look([worker()], 9_000);
    silence.proved(1);
    expect(silence.isOver("w")).toBe(true);
  });

  it("counts with short leases on a busy machine, though every look is late", () => {
    const silence = new Silence();
    const short = worker(0, 300);
    silence.look([short], 0);
    for (let look = 0; look < 6; look += 1) silence.look([short], 900);
    silence.proved(1);
    expect(silence.isOver("w")).toBe(true);
  });

  it("asks for a proof only where a worker that is well would have been heard", () => {
    const silence = new Silence();
    silence.look([worker()], 0);
    for (let seconds = 1; seconds < 15; seconds += 1) silence.look([worker()], 1_000);
    expect(silence.needsProof).toBe(false);
    silence.look([worker()], 1_000);
    expect(silence.needsProof).toBe(true);
  });

  it("is never over without a proof, and begins anew after one that came late or failed", () => {
    const silence = new Silence();
    silence.look([worker()], 0);
    for (let seconds = 1; seconds < 40; seconds += 1) silence.look([worker()], 1_000);
    expect(silence.isOver("w")).toBe(false);
    silence.proved(20_000);
    expect(silence.isOver("w")).toBe(false);
    expect(secondsUntilOver(silence, 25)).toBe(25);
    silence.forget();
    expect(secondsUntilOver(silence)).toBe(30);
  });
});
