import { test, type TestContext } from "vitest";

/** One row of the list of faults in docs/reliability.md. */
export interface Fault {
  /** Which part of the list it belongs to. */
  readonly area: "tasks" | "sqlite" | "races" | "http" | "memory";
  readonly fault: string;
  /** How the test brings it about. */
  readonly injected: string;
  readonly holds: string;
}

declare module "vitest" {
  interface TaskMeta {
    fault?: Fault;
  }
}

/** A test of one fault; what it is about goes into the test report, from which the list in the docs is made. */
export function testFault(fault: Fault, run: (context: TestContext) => Promise<void> | void, timeoutMs = 20_000): void {
  test(
    // oxlint-disable-next-line vitest/valid-title -- the row of the list names the test
    fault.fault,
    async (context: TestContext) => {
      context.task.meta.fault = fault;
      await run(context);
    },
    timeoutMs,
  );
}
