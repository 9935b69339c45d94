import { expect, test } from "vitest";
import type { FunctionDescription } from "../../../src/core/options/settings.ts";
import { ByIsolation, type Place, type QueuePlace } from "../../../src/executor/by-isolation.ts";
import type { Executor } from "../../../src/executor/port.ts";
import { request } from "../../fixtures/requests.ts";
import { invalidOption } from "../core/invalid.ts";

interface Opened {
  readonly executor: ByIsolation;
  /** The places that were opened, and what ran there, with the limit that its request named. */
  readonly ran: (readonly (string | number)[])[];
  readonly opened: string[];
  readonly stopped: string[];
}

function open(ofQueue: Omit<QueuePlace, "topic">, functions: readonly FunctionDescription[]): Opened {
  const parts: Omit<Opened, "executor"> = { ran: [], opened: [], stopped: [] };
  const openPlace = ({ isolation, maxMemoryBytes }: Place): Executor => {
    const place = maxMemoryBytes === undefined ? isolation : `${isolation} of ${maxMemoryBytes}`;
    parts.opened.push(place);
    return {
      describe: async () => functions,
      run(asked) {
        parts.ran.push([place, asked.function, ...(asked.maxMemoryBytes === undefined ? [] : [asked.maxMemoryBytes])]);
        return { outcome: Promise.resolve({ kind: "finished" }), abort() {} };
      },
      stop: async () => void parts.stopped.push(place),
    };
  };
  const executor = new ByIsolation({ topic: "emails", ...ofQueue }, { open: openPlace, tell() {} });
  return { executor, ...parts };
}

test("each function runs in its place, children with the limit of the attempt, threads with one of their own", async () => {
  const { executor, ran, opened, stopped } = open({ isolation: "process", maxMemoryBytes: 100 }, [
    { name: "plain", policy: {} },
    { name: "larger", policy: { maxMemoryBytes: 200 } },
    { name: "thread", policy: { isolation: "thread" } },
    { name: "same thread", policy: { isolation: "thread", maxMemoryBytes: 100 } },
    { name: "larger thread", policy: { isolation: "thread", maxMemoryBytes: 300 } },
    { name: "inline", policy: { isolation: "inline" } },
  ]);
  await executor.describe();
  expect(opened).toEqual(["process", "thread of 100", "thread of 300", "inline"]);
  for (const name of ["plain", "larger", "thread", "same thread", "larger thread", "inline", "unknown"]) {
    executor.run(request(name));
  }
  expect(ran).toEqual([
    ["process", "plain", 100],
    ["process", "larger", 200],
    ["thread of 100", "thread"],
    ["thread of 100", "same thread"],
    ["thread of 300", "larger thread"],
    ["inline", "inline"],
    ["process", "unknown", 100],
  ]);
  await executor.stop();
  expect(stopped).toEqual(opened);
});

test("a limit for what the queue runs inline is refused", async () => {
  const { executor } = open({ isolation: "inline", maxMemoryBytes: undefined }, [
    { name: "free", policy: {} },
    { name: "limited", policy: { maxMemoryBytes: 100 } },
  ]);
  const message = 'Queue "emails": task("limited").maxMemory cannot hold for what runs inline';
  await expect(executor.describe()).rejects.toThrow(invalidOption(message));
});
