import { assert, asyncProperty } from "fast-check";
import { test } from "vitest";
import { compareWithModel } from "../compare-with-model.ts";
import { Driver } from "../driver.ts";
import { randomTurns } from "../random-operations.ts";
import type { SuiteOptions } from "./with-storage.ts";

export function properties({ open, randomRuns }: SuiteOptions): void {
  test("agree with the model in every answer and every task", async () => {
    await assert(
      asyncProperty(randomTurns, async (turns) => {
        const storage = await open();
        try {
          await compareWithModel(await Driver.start(storage), turns);
        } finally {
          await storage[Symbol.asyncDispose]();
        }
      }),
      { numRuns: randomRuns },
    );
  }, 60_000);
}
