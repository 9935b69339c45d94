import { describe, expect, it } from "vitest";
import { parseEnqueueCall } from "../../../src/http/request-schema.ts";
import { createApi } from "./api.ts";

const TASK = { topic: "default", function: "send emails", args: [] };

function messageFor(body: unknown): string {
  const parsed = parseEnqueueCall(body);
  return parsed.kind === "invalid" ? parsed.message : "none";
}

describe("parseEnqueueCall", () => {
  it("keeps the options apart from the rest", () => {
    expect(parseEnqueueCall({ ...TASK, priority: 3, maxBackoff: 0 })).toEqual({
      kind: "call",
      call: { ...TASK, options: { priority: 3, maxBackoff: 0 } },
    });
  });

  it.each([null, [], "text", 1, true])("refuses %j", (body) => {
    expect(messageFor(body)).toBe("The body must be a JSON object with topic, function and args");
  });

  it.each([0, 11, 1.5, "1", NaN, true, [5], null, -1, 1e300])("refuses the priority %j", (priority) => {
    expect(messageFor({ ...TASK, priority })).toBe("priority must be a whole number from 1 (the most urgent) to 10");
  });

  it.each([
    [{ timeout: -1 }, "timeout must be a duration"],
    [{ timeout: "soon" }, "timeout must be a duration"],
    [{ timeout: null }, "timeout must be a duration"],
    [{ abortGrace: {} }, "abortGrace must be a duration"],
    [{ maxBackoff: "1 year" }, "maxBackoff must be a duration"],
    [{ maxRestarts: -1 }, "maxRestarts must be a whole number from 0 to 1,000,000"],
    [{ maxRestarts: 0.5 }, "maxRestarts must be a whole number from 0 to 1,000,000"],
    [{ maxRestarts: 1_000_001 }, "maxRestarts must be a whole number from 0 to 1,000,000"],
    [{ maxRestarts: "5" }, "maxRestarts must be a whole number from 0 to 1,000,000"],
    [{ topic: "" }, "topic must not be empty"],
    [{ topic: 1 }, "topic must be a string"],
    [{ function: ["send emails"] }, "function must be a string"],
    [{ args: {} }, "args must be an array"],
    [{ args: "[]" }, "args must be an array"],
    [{ args: null }, "args must be an array"],
    [{ isolation: "inline" }, 'unknown field "isolation"'],
    [{ Priority: 1 }, 'unknown field "Priority"'],
    [{ constructor: 1 }, 'unknown field "constructor"'],
    [{ ["__proto__"]: 1 }, 'unknown field "__proto__"'],
  ])("refuses %j", (fields, message) => {
    expect(messageFor({ ...TASK, ...fields })).toMatch(message);
  });

  it("names each field that is missing, bad or unknown", () => {
    const message = messageFor({ function: 1, priority: 11, id: "x", retries: 3 });
    expect(message).toBe(
      [
        "topic is missing",
        "function must be a string",
        "args is missing",
        "priority must be a whole number from 1 (the most urgent) to 10",
        'unknown field "id"',
        'unknown field "retries"',
      ].join("; "),
    );
  });

  it("keeps the message short however many fields are unknown", () => {
    const fields = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field ${index}`, 1]));
    expect(messageFor({ ...TASK, ...fields })).toMatch(/; 4990 more unknown fields$/);
    expect(messageFor({ ...TASK, ["x".repeat(100_000)]: 1 }).length).toBeLessThan(200);
  });

  it("stores nothing of a refused call", async () => {
    const { post, engine } = createApi();
    expect(await post({ ...TASK, priority: 0, extra: 1 })).toMatchObject({ status: 400, body: { status: "error" } });
    expect(engine.requests).toEqual([]);
  });
});
