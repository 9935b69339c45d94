import { promisify } from "node:util";

interface PendingTimer {
  readonly handle: NodeJS.Timeout;
  readonly origin: string;
}

const pending = new Set<PendingTimer>();

/**
 * Wraps `setTimeout` and `setInterval`, so that timers which do not keep the process alive are seen as well: Node does
 * not list those. What Vitest itself uses, it has taken before.
 */
export function watchTimers(): void {
  globalThis.setTimeout = watched(globalThis.setTimeout, true);
  globalThis.setInterval = watched(globalThis.setInterval, false);
}

/** The timers that have neither fired nor been cleared. */
export function pendingTimers(): PendingTimer[] {
  for (const timer of pending) {
    if (isOver(timer.handle)) pending.delete(timer);
  }
  return [...pending];
}

function watched<Start extends typeof setTimeout | typeof setInterval>(start: Start, once: boolean): Start {
  function startWatched(callback: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]): NodeJS.Timeout {
    const handle = (start as typeof setTimeout)(
      (...given: unknown[]) => {
        if (once) pending.delete(timer);
        callback(...given);
      },
      delayMs,
      ...args,
    );
    const timer: PendingTimer = { handle, origin: originOf(new Error("started here")) };
    pending.add(timer);
    return handle;
  }
  // `promisify(setTimeout)` keeps Node's own promise form.
  const custom = Object.getOwnPropertyDescriptor(start, promisify.custom);
  if (custom !== undefined) Object.defineProperty(startWatched, promisify.custom, custom);
  return startWatched as unknown as Start;
}

function isOver(handle: NodeJS.Timeout): boolean {
  return "_destroyed" in handle && handle._destroyed === true;
}

/** The first line of the stack outside this file. */
function originOf(error: Error): string {
  const lines = error.stack?.split("\n").slice(1) ?? [];
  return lines.find((line) => !line.includes("/test/support/timers."))?.trim() ?? "at an unknown place";
}
