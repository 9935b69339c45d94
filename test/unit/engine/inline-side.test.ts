import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { InlineSide } from "../../../src/engine/thread/inline-side.ts";
import type { InlineRequest, ToHost } from "../../../src/engine/thread/messages.ts";
import { AbortFlags } from "../../../src/executor/abort-flags.ts";
import { InlineExecutor } from "../../../src/executor/inline.ts";
import { readTasks } from "../../../src/tasks/read-tasks.ts";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";

const REQUEST: InlineRequest = {
  taskId: "id",
  topic: "emails",
  function: "send",
  args: "[]",
  attempt: 1,
  maxPayloadBytes: 1_000,
};

function openSide(): { side: InlineSide; began: number[]; sent: ToHost[] } {
  const began: number[] = [];
  const sent: ToHost[] = [];
  const load = () => readTasks({ send: () => void began.push(began.length) });
  const side = new InlineSide({
    open: () => new InlineExecutor({ clock: new VirtualClock(), load }),
    send: (message) => void sent.push(message),
    clock: systemClock,
    aborts: new AbortFlags(8),
  });
  return { side, began, sent };
}

/** Between two messages that have waited for a loop there are microtasks, but no turn. */
async function busyLoop(): Promise<void> {
  for (let times = 0; times < 20; times += 1) await Promise.resolve();
}

test("a handler is called, and its outcome told", async () => {
  const { side, began, sent } = openSide();
  side.obey({ kind: "inlineRun", run: 1, request: REQUEST });
  await turn();
  await turn();
  expect(began).toHaveLength(1);
  expect(sent).toEqual([
    { kind: "inlineBegan", run: 1 },
    { kind: "inlineOutcome", run: 1, outcome: { kind: "finished" } },
  ]);
});

test("a handler whose abort has come before its loop was free is not called any more", async () => {
  const { side, began, sent } = openSide();
  side.obey({ kind: "inlineRun", run: 1, request: REQUEST });
  await busyLoop();
  side.obey({ kind: "inlineAbort", run: 1, reason: "abort", graceMs: 0 });
  await turn();
  await turn();
  expect(began).toEqual([]);
  expect(sent).toEqual([{ kind: "inlineOutcome", run: 1, outcome: { kind: "blameless" } }]);
});

test("what an Engine has ordered that is gone before its loop was free is not called", async () => {
  const { side, began, sent } = openSide();
  side.obey({ kind: "inlineRun", run: 1, request: REQUEST });
  await busyLoop();
  await side.abortAll();
  await turn();
  await turn();
  expect(began).toEqual([]);
  expect(sent).toEqual([]);
});
