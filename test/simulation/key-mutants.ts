import type { Mutant } from "./mutant.ts";

const KNOWN_KEYS = "src/storage/known-keys.ts";
const INTAKE = "src/engine/intake.ts";

/** What can be wrong with idempotency keys. */
export const KEY_MUTANTS: readonly Mutant[] = [
  {
    name: "an idempotency key is not kept",
    breaks: "idempotency",
    file: "src/storage/sqlite/operations/idempotency-keys.ts",
    line: `  keep.run(idempotency.key, idempotency.contentHash, id, now + IDEMPOTENCY_KEY_KEPT_MS);`,
    instead: ``,
  },
  {
    name: "the key of a task that found no place is kept",
    breaks: "idempotency",
    file: "src/storage/sqlite/operations/enqueue.ts",
    line: `if (result.kind !== "full") keepKey(turn, task);`,
    instead: `keepKey(turn, task);`,
  },
  {
    name: "the key of a task that was claimed at once is not kept",
    breaks: "idempotency",
    file: "src/storage/sqlite/operations/enqueue.ts",
    line: `if (result.kind !== "full") keepKey(turn, task);`,
    instead: `if (result.kind === "stored") keepKey(turn, task);`,
  },
  {
    name: "keys are removed before they expire",
    breaks: "idempotency",
    file: "src/storage/sqlite/operations/idempotency-keys.ts",
    line: `WHERE kept_until <= ?`,
    instead: `WHERE kept_until >= ?`,
  },
  {
    name: "the content that comes with a key is not compared",
    breaks: "idempotency",
    file: KNOWN_KEYS,
    line: `known.contentHash === idempotency?.contentHash ? {`,
    instead: `known !== undefined ? {`,
  },
  {
    name: "the options of a task are no part of the content that comes with its key",
    breaks: "idempotency",
    file: "src/core/idempotency.ts",
    line: `JSON.stringify([topic, functionName, args, hashed])`,
    instead: `JSON.stringify([topic, functionName, args])`,
  },
  {
    name: "a key that comes twice in one call makes two tasks",
    breaks: "idempotency",
    file: KNOWN_KEYS,
    line: `ofThisCall.get(key) ?? find(key)`,
    instead: `find(key)`,
  },
  {
    name: "an enqueue that repeats another's key is answered with an id of its own",
    breaks: "idempotency",
    file: INTAKE,
    line: `return result.kind === "repeated" ? result.id : task.id;`,
    instead: `return task.id;`,
  },
  {
    name: "many tasks of which some repeat others' keys are answered with ids of their own",
    breaks: "idempotency",
    file: INTAKE,
    line: `for (const { index, id } of result.repeated) ids[index] = id;`,
    instead: ``,
  },
];
