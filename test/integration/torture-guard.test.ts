import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { Guard } from "../../proof/processes/guard.ts";
import { goneAfterMs, isAlive } from "../fixtures/liveness.ts";

/** A child in a group of its own that is stopped: it sees nothing of what happens. */
async function stoppedChild(): Promise<ChildProcess & { pid: number }> {
  const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
  await once(child, "spawn");
  onTestFinished(() => void child.kill("SIGKILL"));
  child.kill("SIGSTOP");
  return Object.assign(child, { pid: child.pid ?? 0 });
}

test("kills what it watches when it is closed, and nothing else", async () => {
  const guard = new Guard();
  const [watched, other] = [await stoppedChild(), await stoppedChild()];
  guard.watch(watched);
  await guard.close();
  expect(await goneAfterMs([watched.pid])).toBeLessThan(1_000);
  expect(isAlive(other.pid)).toBe(true);
});

test("kills what it watches when the process that has started it is killed", async () => {
  const module = new URL("../../proof/processes/guard.ts", import.meta.url).href;
  const code = `
    import { spawn } from "node:child_process";
    const { Guard } = await import(${JSON.stringify(module)});
    const guard = new Guard();
    const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
    guard.watch(child);
    child.kill("SIGSTOP");
    console.log(child.pid);`;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", code];
  const parent = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
  expect(isAlive(Number(line))).toBe(true);
  parent.kill("SIGKILL");
  expect(await goneAfterMs([Number(line)])).toBeLessThan(1_000);
});
