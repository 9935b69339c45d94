import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type DatedNote, HistoryFile, type Note, readNotes } from "../../../proof/processes/history-file.ts";
import { toHistory } from "../../../proof/processes/to-history.ts";
import type { WorkerForm } from "../../../proof/processes/worker-settings.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const BEGAN = { kind: "began", run: "1", id: "x", attempt: 1, topic: "reports", worker: "one" } as const;
const GONE = { kind: "gone", id: "x", attempt: 1, worker: "one" } as const;
const STALLED = { kind: "worker", worker: "one", event: "stalled" } as const;
const CRASHED = { kind: "worker", worker: "one", event: "crashed" } as const;
const STARTED = { kind: "worker", worker: "one", event: "started" } as const;
const ABORT = { kind: "invoked", call: 1, worker: "supervisor", request: { method: "abort", id: "x" } } as const;
const RELEASED = { kind: "released", run: "1" } as const;

function dated(notes: readonly Note[], stepMs = 1): DatedNote[] {
  return notes.map((note, index) => ({ ...note, writtenAt: index * stepMs }));
}

function translate(notes: readonly Note[], form: WorkerForm = "inPlace"): unknown[] {
  return toHistory(dated(notes), () => form).events.map(({ writtenAt: _at, ...event }: Partial<DatedNote>) => event);
}

test("what is gone is over, once", () => {
  const over = { kind: "over", run: "1", how: "killed" };
  expect(translate([BEGAN, GONE, GONE])).toEqual([BEGAN, over]);
  expect(translate([BEGAN, { kind: "over", run: "1", how: "failed" }, GONE])).toEqual([
    BEGAN,
    { kind: "over", run: "1", how: "failed" },
  ]);
});

test("in a whole instance an attempt gives up its slot, unseen, when somebody asks for its end", () => {
  const stopping = { kind: "worker", worker: "one", event: "stopping" } as const;
  expect(translate([BEGAN, ABORT], "whole")).toEqual([BEGAN, ABORT, RELEASED]);
  expect(translate([ABORT, BEGAN], "whole")).toEqual([ABORT, BEGAN, RELEASED]);
  expect(translate([BEGAN, stopping], "whole")).toEqual([BEGAN, stopping, RELEASED]);
  expect(translate([stopping, BEGAN], "whole")).toEqual([stopping, BEGAN, RELEASED]);
  const hanging = { ...BEGAN, mayTimeOut: true };
  expect(translate([hanging], "whole")).toEqual([hanging, RELEASED]);
  expect(translate([BEGAN, ABORT])).toEqual([BEGAN, ABORT]);
});

test("only in a whole instance an inline handler may be abandoned", () => {
  const inline = { ...BEGAN, topic: "emails" };
  expect(translate([inline], "whole")).toEqual([{ ...inline, mayBeAbandoned: true }]);
  expect(translate([inline])).toEqual([inline]);
});

test("a worker that loses its lease unasked may have lost it at any time", () => {
  const lost = { kind: "leaseLost", worker: "one" } as const;
  expect(translate([STARTED, BEGAN, lost])).toEqual([STARTED, STALLED, BEGAN, STALLED]);
  expect(translate([STARTED, STALLED, lost])).toEqual([STARTED, STALLED, STALLED]);
  expect(toHistory(dated([STARTED, lost]), () => "whole").starved).toBe(1);
});

test("a death that nobody has asked for is a fault, and cuts off what ran", () => {
  const asked = toHistory(dated([STARTED, BEGAN, STALLED, CRASHED]), () => "whole");
  expect(asked).toMatchObject({ faults: [], cutOff: 1, longestAfterDeathMs: 0 });
  const { faults } = toHistory(dated([STARTED, BEGAN, CRASHED]), () => "whole");
  expect(faults).toEqual(["one died although nobody had killed it"]);
});

test("children that outlive their worker for long are a fault", () => {
  const notes = [BEGAN, STALLED, CRASHED, { kind: "effect", run: "1" } as const];
  expect(toHistory(dated(notes), () => "whole")).toMatchObject({ faults: [], longestAfterDeathMs: 1 });
  const { faults } = toHistory(dated(notes, 6_000), () => "whole");
  expect(faults).toEqual(["a child was still at work 6000 ms after the death of its worker"]);
});

test("a line that was cut off is not read, and spoils no other", () => {
  const path = join(temporaryFolder(), "history");
  const file = new HistoryFile(path);
  file.note(BEGAN);
  appendFileSync(path, '\n{"kind":"effect","ru');
  file.note(GONE);
  file.close();
  expect(readFileSync(path, "utf8")).toContain('"ru\n');
  expect(readNotes(path)).toMatchObject([BEGAN, GONE]);
});
