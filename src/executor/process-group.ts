/**
 * Kills the process `pid` and every process of its group: its own children, unless they made a group of their own.
 * Harmless when nothing is left of it.
 */
export function killGroup(pid: number): void {
  try {
    // Windows has no process groups: there the process alone is killed.
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // Gone already, or (macOS) only zombies are left of it.
  }
}
