import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Stage3Error } from "../../../src/core/errors.ts";
import { writeHistory, writeViolations } from "../../../proof/evidence.ts";
import type { HistoryEvent } from "../../../proof/history/events.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

function linesOf(folder: string, name: string): unknown[] {
  const lines = readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
  return lines.map((line): unknown => JSON.parse(line));
}

test("a history is written one event a line, with what JSON does not carry", () => {
  const folder = temporaryFolder();
  const committed: HistoryEvent = {
    kind: "committed",
    at: 1,
    trueMs: 1,
    worker: "one",
    operations: [
      { kind: "claim", topic: "a", worker: "one", limit: Infinity, functions: new Map([["work", { maxRestarts: 2 }]]) },
    ],
    outcomes: [{ ok: false, error: new Stage3Error("LEASE_LOST", "It is gone.") }],
  };
  writeHistory(folder, [committed, { kind: "answered", call: 1, outcome: "ok", value: new Set(["x"]) }]);
  expect(linesOf(folder, "history.jsonl")).toEqual([
    {
      ...committed,
      operations: [
        {
          kind: "claim",
          topic: "a",
          worker: "one",
          limit: "Infinity",
          functions: { Map: [["work", { maxRestarts: 2 }]] },
        },
      ],
      outcomes: [{ ok: false, error: { Error: { name: "Stage3Error", code: "LEASE_LOST", message: "It is gone." } } }],
    },
    { kind: "answered", call: 1, outcome: "ok", value: { Set: ["x"] } },
  ]);
});

test("so is what was broken", () => {
  const folder = temporaryFolder();
  const violation = { rule: "lost", sentence: "x was acknowledged, and is lost", index: 3 };
  writeViolations(folder, [violation, violation]);
  expect(linesOf(folder, "violations.jsonl")).toEqual([violation, violation]);
});
