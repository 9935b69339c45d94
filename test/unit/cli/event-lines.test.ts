import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { writeEventLines } from "../../../src/cli/event-lines.ts";
import { recordingTerminal } from "./recording-terminal.ts";

const ATTEMPT = {
  taskId: "01890a5d-ac96-774b-bcce-b302099a8057",
  topic: "emails",
  function: "send emails",
  attempt: 2,
};
const SHOWN = 'emails "send emails" 01890a5d-ac96-774b-bcce-b302099a8057, attempt 2';

function lines(name: string, event: object): { out: string[]; error: string[] } {
  const events = new EventEmitter();
  const terminal = recordingTerminal();
  writeEventLines(events, terminal);
  events.emit(name, event);
  return { out: terminal.outLines, error: terminal.errorLines };
}

it.each([
  ["log", { ...ATTEMPT, message: "half done" }, `log: ${SHOWN}: half done`],
  ["log", { ...ATTEMPT, message: "sent", fields: { to: "a\nb" } }, `log: ${SHOWN}: sent {"to":"a\\nb"}`],
  ["log", { ...ATTEMPT, message: "sent", fields: { count: 1n } }, `log: ${SHOWN}: sent { count: 1n }`],
  ["log", { ...ATTEMPT, message: "sent", fields: ["\u009B2J"] }, `log: ${SHOWN}: sent ["\uFFFD2J"]`],
  ["aborted", ATTEMPT, `aborted: ${SHOWN}`],
])("writes %s to stdout", (name, event, line) => {
  expect(lines(name, event)).toEqual({ out: [line], error: [] });
});

it.each([
  ["warning", { code: "RESULT_DROPPED", message: "It is too large." }, "warning: RESULT_DROPPED: It is too large."],
  [
    "warning",
    { code: "RESULT_DROPPED", message: "It is too large.", taskId: ATTEMPT.taskId },
    `warning: RESULT_DROPPED: It is too large. (task ${ATTEMPT.taskId})`,
  ],
  [
    "failed",
    { ...ATTEMPT, code: "TASK_FAILED", message: "no such host", restart: true },
    `failed: ${SHOWN}: TASK_FAILED: no such host (it is started again)`,
  ],
  [
    "failed",
    { ...ATTEMPT, code: "TASK_TIMEOUT", message: "too slow", restart: false },
    `failed: ${SHOWN}: TASK_TIMEOUT: too slow (it is in the dead-letter queue)`,
  ],
  ["rescued", { worker: "w1", tasks: 1 }, "rescued: 1 task of the worker w1, which is gone"],
  ["rescued", { worker: "w1", tasks: 3 }, "rescued: 3 tasks of the worker w1, which is gone"],
])("writes %s to stderr", (name, event, line) => {
  expect(lines(name, event)).toEqual({ out: [], error: [line] });
});

it.each(["started", "finished"])("says nothing of every attempt that has %s", (name) => {
  expect(lines(name, ATTEMPT)).toEqual({ out: [], error: [] });
});

it("lets no text pass for another line or steer the terminal", () => {
  const message = "first\r\nwarning: forged \u001B[31mred\u0007\u2028end";
  const { error } = lines("failed", { ...ATTEMPT, code: "TASK_FAILED", message, restart: true });
  expect(error).toEqual([
    `failed: ${SHOWN}: TASK_FAILED: first warning: forged \uFFFD[31mred\uFFFD end (it is started again)`,
  ]);
});
