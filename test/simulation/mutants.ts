import { ENGINE_MUTANTS } from "./engine-mutants.ts";
import { KEY_MUTANTS } from "./key-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { STORAGE_MUTANTS } from "./storage-mutants.ts";

const ENGINE = "src/engine/";

/** Each breaks a rule that the checker knows, and has to be caught within a hundred seeds. */
export const MUTANTS: readonly Mutant[] = [...STORAGE_MUTANTS, ...ENGINE_MUTANTS, ...KEY_MUTANTS];

/** Changes that no history can show, each with the reason. */
export const EQUIVALENT: readonly (Mutant & { readonly because: string })[] = [
  {
    name: "whoever waits for a result is woken before it is stored",
    file: `${ENGINE}attempts.ts`,
    line: `const settled = attempt.settle(outcome);`,
    instead: `const settled = attempt.settle(outcome); this.#parts.hub.tell([{ task: task.id, topic: task.topic, from: "running", to: "finished" }]);`,
    because: "whoever is woken reads the task, and waits on where that has not ended",
  },
  {
    name: "a stop does not wait for attempts",
    file: `${ENGINE}worker.ts`,
    line: `    await attemptsOver;`,
    instead: ``,
    because: "the executors are closed next, and that waits for every attempt as well",
  },
];
