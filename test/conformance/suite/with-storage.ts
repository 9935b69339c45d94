import type { Storage } from "../../../src/storage/port.ts";
import { Driver } from "../driver.ts";

export interface SuiteOptions {
  /** Opens an empty storage. */
  readonly open: () => Promise<Storage>;
  /** How many random sequences of operations are tried. */
  readonly randomRuns: number;
}

/** The body of a test that gets an empty storage, where the worker "w1" is registered. */
export function withStorage({ open }: SuiteOptions, body: (driver: Driver) => Promise<void>): () => Promise<void> {
  return async () => {
    const storage = await open();
    try {
      await body(await Driver.start(storage));
    } finally {
      await storage[Symbol.asyncDispose]();
    }
  };
}
