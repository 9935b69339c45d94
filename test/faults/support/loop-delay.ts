import { createHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";

/** How long the event loop of this thread was kept, in milliseconds. */
export interface LoopDelay {
  /** By the clock, the time included in which other programs had the processor. */
  readonly clockP99: number;
  readonly clockMax: number;
  /** By the processor time that this thread used between two turns: what the code itself is to blame for. */
  readonly ownP999: number;
  readonly ownMax: number;
}

/** Watches the event loop until it is told to stop. The loop turns all the time meanwhile. */
export function watchLoop(): { readonly stop: () => Promise<LoopDelay> } {
  const clock = monitorEventLoopDelay({ resolution: 5 });
  const own = createHistogram();
  let watching = true;
  const watch = async (): Promise<void> => {
    let before = usedMicroseconds();
    while (watching) {
      await turn();
      const now = usedMicroseconds();
      own.record(Math.max(now - before, 1));
      before = now;
    }
  };
  clock.enable();
  const watched = watch();
  const stop = async (): Promise<LoopDelay> => {
    watching = false;
    clock.disable();
    await watched;
    return {
      clockP99: rounded(clock.percentile(99) / 1e6),
      clockMax: rounded(clock.max / 1e6),
      ownP999: rounded(own.percentile(99.9) / 1e3),
      ownMax: rounded(own.max / 1e3),
    };
  };
  return { stop };
}

function usedMicroseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
