import type { Clock, Timer } from "./clock.ts";

/** Something that is done again and again, never twice at once. */
export interface Repeating {
  /** Does it no more; resolves when a run that is under way has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `action` every `everyMs`, counted from the end of one run to the start of the next; a function is asked before each
 * wait. The action must not reject.
 */
export function repeat(clock: Clock, everyMs: number | (() => number), action: () => Promise<void>): Repeating {
  let timer: Timer;
  let stopped = false;
  let underWay: Promise<void> = Promise.resolve();
  const arm = (): void => {
    if (stopped) return;
    timer = clock.setTimer(typeof everyMs === "number" ? everyMs : everyMs(), () => {
      underWay = action().then(arm);
    });
  };
  arm();
  return {
    async stop() {
      stopped = true;
      timer.cancel();
      await underWay;
    },
  };
}
