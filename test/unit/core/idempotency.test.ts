import { expect, test } from "vitest";
import { contentHashOf, type EnqueueContent } from "../../../src/core/idempotency.ts";

const CONTENT: EnqueueContent = {
  topic: "default",
  function: "work",
  args: '["x",1]',
  options: { timeoutMs: 5 },
};

test("the hash of equal contents is equal", () => {
  expect(contentHashOf({ ...CONTENT, options: { ...CONTENT.options } })).toBe(contentHashOf(CONTENT));
});

test.each<Partial<EnqueueContent>>([
  { topic: "work" },
  { function: "default" },
  { topic: "work", function: "default" },
  { args: '["x", 1]' },
  { priority: 10 },
  { options: {} },
  { options: { timeoutMs: 6 } },
  { options: { abortGraceMs: 5 } },
  { options: { timeoutMs: 5, abortGraceMs: 5 } },
  { options: { timeoutMs: 5, maxRestarts: 5 } },
  { options: { timeoutMs: 5, maxBackoffMs: 5 } },
])("the hash tells %j from what it was", (change) => {
  expect(contentHashOf({ ...CONTENT, ...change })).not.toBe(contentHashOf(CONTENT));
});
