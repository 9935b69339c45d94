import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { currentTask, defineTasks, task } from "../../../src/tasks.ts";
import { runHandler } from "../../../src/testing.ts";

const tasks = defineTasks({
  async "send emails"(from: string, to: string[]) {
    const { progress, log } = currentTask();
    for (const [index, address] of to.entries()) {
      await wait(1);
      log(`from ${from}`, { address });
      progress((index + 1) / to.length);
    }
    return to.length;
  },
  double: task({ timeout: "1s" }, (n: number) => 2 * n),
  quadruple(n: number): number {
    return 2 * this.twice(n);
  },
  twice: (n: number) => 2 * n,
  who() {
    const { id, topic, function: name, attempt } = currentTask();
    return { id, topic, name, attempt };
  },
  fail(message: string) {
    throw new TypeError(message);
  },
  echo: (value: unknown) => value,
});

/** Rejects with the reason of its signal, once that is aborted. */
function untilAborted(): Promise<never> {
  const { signal, log } = currentTask();
  return new Promise((_, reject) => {
    const stop = (): void => {
      log("stopping", currentTask().id);
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
  });
}

describe("runHandler", () => {
  it("gives the result and all that the handler said", async () => {
    const run = await runHandler(tasks, "send emails", ["me", ["a", "b"]]);
    expect(run).toEqual({
      result: 2,
      progress: [0.5, 1],
      logs: [
        { message: "from me", fields: { address: "a" } },
        { message: "from me", fields: { address: "b" } },
      ],
      warnings: [],
    });
  });

  it("runs what `task` made, and handlers by themselves", async () => {
    expect((await runHandler(tasks, "double", [4])).result).toBe(8);
    expect((await runHandler(tasks.double, [4])).result).toBe(8);
    expect((await runHandler((a: number, b: string) => `${a}${b}`, [4, "b"])).result).toBe("4b");
  });

  it("lets methods find each other through `this`", async () => {
    expect((await runHandler(tasks, "quadruple", [3])).result).toBe(12);
  });

  it("has a current task, whose id is always the same", async () => {
    const { result } = await runHandler(tasks, "who", []);
    expect(result).toEqual({ id: expect.any(String), topic: "default", name: "who", attempt: 1 });
    expect((await runHandler(tasks, "who", [])).result).toEqual(result);
    const given = await runHandler(tasks.who, [], { id: "an-id", topic: "emails", attempt: 3 });
    expect(given.result).toEqual({ id: "an-id", topic: "emails", name: "who", attempt: 3 });
    expect((await runHandler(() => currentTask().function, [])).result).toBe("handler");
    expect(() => currentTask()).toThrow(expect.objectContaining({ code: "NOT_IN_TASK" }));
  });

  it("rejects with the very thing that the handler throws, whether at once or later", async () => {
    await expect(runHandler(tasks, "fail", ["wrong"])).rejects.toThrow(new TypeError("wrong"));
    const thrown = { not: "an error" };
    const throwLater = async (): Promise<void> => {
      await wait(1);
      throw thrown;
    };
    await expect(runHandler(throwLater, [])).rejects.toBe(thrown);
    await expect(
      runHandler(() => {
        throw undefined;
      }, []),
    ).rejects.toBeUndefined();
  });

  it("gives what a queue in memory gives, where it is asked for", async () => {
    const seen = new Map([["first", new Date(0)]]);
    const { result } = await runHandler(tasks, "echo", [seen], { persistent: false });
    expect(result).toEqual(seen);
    expect(result).not.toBe(seen);
    await expect(runHandler(tasks, "echo", [() => 1], { persistent: false })).rejects.toMatchObject({
      code: "INVALID_ARGS",
    });
    await expect(runHandler(tasks, "echo", [seen])).rejects.toMatchObject({ code: "INVALID_ARGS" });
  });

  it("checks and copies arguments as an enqueue does", async () => {
    await expect(runHandler(tasks, "echo", [{ at: new Date() }])).rejects.toMatchObject({
      code: "INVALID_ARGS",
      message: expect.stringContaining("args[0].at"),
    });
    const given = { list: [1], left: undefined };
    const { result } = await runHandler(tasks, "echo", [given]);
    expect(result).not.toBe(given);
    expect(result).toStrictEqual({ list: [1] });
  });

  it("refuses a function that is not there, and a policy that is wrong", async () => {
    await expect(runHandler(tasks, "other" as "who", [])).rejects.toMatchObject({ code: "FUNCTION_NOT_FOUND" });
    await expect(
      runHandler(
        task({ timeout: "soon" }, () => {}),
        [],
      ),
    ).rejects.toMatchObject({ code: "INVALID_OPTION" });
    await expect(runHandler(4 as never, [])).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });

  it("gives results as they are, and tells what production would drop", async () => {
    const seen = new Map([["at", 0]]);
    const { result, warnings } = await runHandler(() => {
      currentTask().progress(2);
      return seen;
    }, []);
    expect(result).toBe(seen);
    expect(warnings.map(({ code }) => code)).toEqual(["PROGRESS_DROPPED", "RESULT_DROPPED"]);
  });

  it("tells progress and logs when they come", async () => {
    const told: unknown[] = [];
    const failing = runHandler(
      () => {
        currentTask().progress(0.5);
        currentTask().log("half way");
        throw new Error("then this");
      },
      [],
      { onProgress: (value) => void told.push(value), onLog: (log) => void told.push(log) },
    );
    await expect(failing).rejects.toThrow("then this");
    expect(told).toEqual([0.5, { message: "half way" }]);
  });

  it.each([
    ["timeout", "timeout"],
    ["shutdown", "shutdown"],
    ["lease_lost", "lease_lost"],
    ["abort", "abort"],
    [undefined, "abort"],
    ["a reason of the test's own", "abort"],
  ])("aborts the handler's signal as production does: %s", async (given, reason) => {
    const controller = new AbortController();
    const logs: unknown[] = [];
    const run = runHandler(untilAborted, [], {
      id: "it",
      signal: controller.signal,
      onLog: ({ fields }) => void logs.push(fields),
    });
    controller.abort(given);
    await expect(run).rejects.toMatchObject({ name: "AbortError", code: "ABORT_ERR", reason });
    expect(logs).toEqual(["it"]);
  });

  it("starts with an aborted signal where that is given", async () => {
    await expect(runHandler(untilAborted, [], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});
