import { test } from "vitest";
import type { Storage } from "../../../src/storage/port.ts";
import { Driver } from "../driver.ts";

export interface SuiteOptions {
  /** Opens an empty storage. */
  readonly open: () => Promise<Storage>;
  /** How many random sequences of operations are tried. */
  readonly randomRuns: number;
}

/** Declares a test that gets an empty storage, where the worker "w1" is registered. */
export function storageTest({ open }: SuiteOptions, title: string, body: (driver: Driver) => Promise<void>): void {
  test(title, async () => {
    const storage = await open();
    try {
      await body(await Driver.start(storage));
    } finally {
      await storage[Symbol.asyncDispose]();
    }
  });
}
