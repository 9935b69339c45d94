// A thread that kills its process while the main thread is busy with a turn of the storage, where nothing else could.
import { workerData } from "node:worker_threads";
import { systemClock } from "../../../src/core/clock.ts";

/** 0: whether a turn is under way; 1: how long after its begin to kill, in microseconds. */
const state = new Int32Array(workerData as SharedArrayBuffer);

for (;;) {
  Atomics.wait(state, 0, 0);
  const at = systemClock.monotonic() + Atomics.load(state, 1) / 1_000;
  while (Atomics.load(state, 0) === 1 && systemClock.monotonic() < at);
  // A turn that was over before is not what it waits for.
  if (Atomics.load(state, 0) === 1) process.kill(process.pid, "SIGKILL");
}
