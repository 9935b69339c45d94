import { expect, test } from "vitest";
import { faultsOf, type History, type HistoryLine, readHistory } from "./history.ts";

function start(id: string, attempt = 1, worker = 1): HistoryLine {
  return { kind: "start", id, attempt, topic: "a", worker };
}

function end(id: string, attempt = 1, worker = 1): HistoryLine {
  return { kind: "end", id, attempt, topic: "a", worker };
}

/** Two tasks, of which one is cut off by a kill, and one fails until it is given up. */
const SOUND: History = {
  lines: [
    start("x"),
    { kind: "killed", worker: 1 },
    start("x", 2, 2),
    start("y", 1, 2),
    end("x", 2, 2),
    { kind: "settled", id: "x" },
    end("y", 1, 2),
    start("y", 2, 2),
    end("y", 2, 2),
    start("y", 3, 2),
    end("y", 3, 2),
  ],
  acknowledged: ["x", "y"],
  ends: new Map([
    ["x", { status: "finished", attempt: 2 }],
    ["y", { status: "in_dead_letter_queue", attempt: 3 }],
  ]),
  maxRestarts: 2,
  maxConcurrency: { a: 2 },
};

function without(id: string): History["ends"] {
  return new Map([...SOUND.ends].filter(([other]) => other !== id));
}

test("a sound history has no faults", () => {
  expect(faultsOf(SOUND)).toEqual([]);
});

test.each<[string, Partial<History>, string]>([
  ["a lost task", { ends: without("x") }, "x was acknowledged and is lost"],
  [
    "a task without an end",
    { ends: new Map([...without("x"), ["x", { status: "running", attempt: 2 }]]) },
    "x has not ended: it is running",
  ],
  ["an id of two tasks", { acknowledged: ["x", "y", "x"] }, "an id was given to two tasks"],
  ["a stranger", { lines: [...SOUND.lines, start("z")] }, "z ran and was never acknowledged"],
  ["a start after the end", { lines: [...SOUND.lines, start("x", 3)] }, "x was started again after its end"],
  ["an attempt that begins twice", { lines: [...SOUND.lines, start("y", 3, 3)] }, "attempt 3 of y began twice"],
  ["an attempt too many", { lines: [...SOUND.lines, start("y", 4)] }, "y began attempt 4"],
  [
    "an attempt too many in the database",
    { ends: new Map([...without("y"), ["y", { status: "in_dead_letter_queue", attempt: 4 }]]) },
    "y has counted 4 attempts",
  ],
  ["too many at once", { maxConcurrency: { a: 1 } }, "2 attempts ran at once in worker 2, topic a"],
  [
    "a finished task whose handler did not come to its end",
    { lines: SOUND.lines.filter((line) => line.kind !== "end" || line.id !== "x") },
    "x is finished, and never came to an end",
  ],
  [
    "a task that was given up too early",
    { ends: new Map([...without("y"), ["y", { status: "in_dead_letter_queue", attempt: 1 }]]) },
    "y was given up after 1 attempts",
  ],
])("%s is found", (_, change, fault) => {
  expect(faultsOf({ ...SOUND, ...change })).toContain(fault);
});

test("what a killed worker ran runs no more", () => {
  const lines = [start("x"), start("y"), { kind: "killed", worker: 1 } as const, start("y", 2, 1), end("y", 2, 1)];
  expect(faultsOf({ ...SOUND, lines, acknowledged: ["x", "y"], ends: new Map() })).not.toContainEqual(
    expect.stringContaining("at once"),
  );
});

test("a line that was cut off is not read", () => {
  expect(readHistory('{"kind":"settled","id":"x"}\n{"kind":"set')).toEqual([{ kind: "settled", id: "x" }]);
});
