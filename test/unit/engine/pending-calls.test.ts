import { describe, expect, it } from "vitest";
import { Stage3Error } from "../../../src/core/errors.ts";
import { PendingCalls } from "../../../src/engine/thread/calls.ts";
import type { Call } from "../../../src/engine/thread/remote-calls.ts";
import { VirtualClock } from "../../../src/testing/virtual-clock.ts";

function enqueue(id: string, args = "[]"): Call {
  return {
    method: "enqueue",
    args: [{ id, topic: "default", function: "run", args, options: {} }],
  };
}
const abort = (id: string): Call => ({ method: "abort", args: [id] });
const AWAY = new Stage3Error("DATABASE_UNAVAILABLE", "It is away.");

function open(): { calls: PendingCalls; sent: string[]; clock: VirtualClock; add: (call: Call) => Promise<unknown> } {
  const sent: string[] = [];
  const clock = new VirtualClock();
  const calls = new PendingCalls((number, call) => {
    const [first] = call.args;
    const id = typeof first === "object" && "id" in first ? first.id : JSON.stringify(first);
    sent.push(`${number} ${call.method} ${id}`);
  }, clock);
  const add = (call: Call): Promise<unknown> => {
    const { answer } = calls.add(call);
    answer.catch(() => undefined);
    return answer;
  };
  return { calls, sent, clock, add };
}

/** More than is sent at once: what one enqueue is answered makes room for another. */
function flooded(count = 4_010): ReturnType<typeof open> & { answers: Promise<unknown>[] } {
  const opened = open();
  const answers = Array.from({ length: count }, (_, index) => opened.add(enqueue(`t${index}`)));
  return { ...opened, answers };
}

describe("calls that wait for their answer", () => {
  it("are sent up to some thousand enqueues at once, in their order", () => {
    const { calls, sent } = flooded();
    expect(sent).toHaveLength(4_000);
    calls.resolve(2, "t1");
    calls.resolve(1, "t0");
    expect(sent.slice(4_000)).toEqual(["4001 enqueue t4000", "4002 enqueue t4001"]);
  });

  it("are sent up to some megabytes at once, and larger ones alone", () => {
    const { calls, sent, add } = open();
    for (const id of ["a", "b", "c"]) void add(enqueue(id, "x".repeat(3_000_000)));
    void add(enqueue("d", "x".repeat(9_000_000)));
    expect(sent).toEqual(["1 enqueue a", "2 enqueue b"]);
    calls.resolve(1, "a");
    calls.resolve(2, "b");
    expect(sent.slice(2)).toEqual(["3 enqueue c"]);
    calls.resolve(3, "c");
    expect(sent.slice(3)).toEqual(["4 enqueue d"]);
  });

  it("pass a flood where they enqueue nothing, unless they name a task that waits in it", () => {
    const { calls, sent, add } = flooded();
    void add(abort("elsewhere"));
    void add(abort("t4001"));
    expect(sent.slice(4_000)).toEqual(['4011 abort "elsewhere"']);
    for (let number = 1; number <= 11; number += 1) calls.resolve(number, "");
    expect(sent.slice(4_001).map((line) => line.split(" ")[0])).toEqual([
      ...Array.from({ length: 10 }, (_, index) => `${4_001 + index}`),
      "4012",
    ]);
  });

  it("are sent again only where they were sent before", () => {
    const { calls } = flooded();
    expect([...calls]).toHaveLength(4_000);
  });

  it("are told of a database that is away once they have waited for five seconds as well", async () => {
    const { calls, sent, clock, add, answers } = flooded();
    calls.resolve(1, "t0");
    await clock.advance(4_000);
    const late = add(enqueue("late"));
    await clock.advance(1_500);
    calls.refuse(2, AWAY);
    await expect(answers[4_009]).rejects.toBe(AWAY);
    expect(sent.at(-1)).toBe("4011 enqueue late");
    calls.resolve(4_011, "late");
    expect(await late).toBe("late");
  });

  it("wait on where the database has just taken another", async () => {
    const { calls, clock, answers, sent } = flooded();
    await clock.advance(60_000);
    calls.resolve(1, "t0");
    calls.refuse(2, AWAY);
    calls.refuse(3, AWAY);
    expect(sent).toHaveLength(4_003);
    await expect(answers[2]).rejects.toBe(AWAY);
  });

  it("end at once where they were never sent, when the instance stops", async () => {
    const { calls, answers } = flooded();
    const stopped = new Stage3Error("STOPPED", "stopped");
    calls.rejectWaiting(stopped);
    await expect(answers[4_000]).rejects.toBe(stopped);
    expect([...calls]).toHaveLength(4_000);
  });
});
