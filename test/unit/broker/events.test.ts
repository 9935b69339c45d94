import { expect, it, onTestFinished } from "vitest";
import { EventHub } from "../../../src/broker/events.ts";

/** What nobody catches from now on, until the test's end. */
function uncaught(): unknown[] {
  const others = process.listeners("uncaughtException");
  const errors: unknown[] = [];
  const keep = (error: unknown): void => void errors.push(error);
  process.removeAllListeners("uncaughtException").on("uncaughtException", keep);
  onTestFinished(() => {
    process.off("uncaughtException", keep);
    for (const other of others) process.on("uncaughtException", other);
  });
  return errors;
}

it("lets nobody who emits an event suffer from a listener that throws, and hides nothing of it", async () => {
  const errors = uncaught();
  const hub = new EventHub();
  const thrown = new Error("from a listener");
  hub.on("rescued", () => {
    throw thrown;
  });
  hub.emit({ name: "rescued", worker: "w1", tasks: 1 });
  expect(errors).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors).toEqual([thrown]);
});

it.each([
  ["finish", 'Unknown event "finish"; did you mean finished?'],
  ["error", /^Unknown event "error"; the events are log, warning, /u],
  [undefined, /^Unknown event undefined; the events are /u],
])("refuses to listen to %s", (name, message) => {
  const hub = new EventHub();
  expect(() => hub.on(name as "finished", () => {})).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringMatching(message) as string }),
  );
});
