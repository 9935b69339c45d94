/** What is to be done, synchronously, when this process exits; one listener for all instances in it. */
const ACTIONS = new Set<() => void>();

function runAll(): void {
  for (const action of ACTIONS) action();
}

/** Runs `action` when the process exits; the answer takes it back. */
export function onProcessExit(action: () => void): () => void {
  if (ACTIONS.size === 0) process.on("exit", runAll);
  ACTIONS.add(action);
  return () => {
    ACTIONS.delete(action);
    if (ACTIONS.size === 0) process.off("exit", runAll);
  };
}
