import { expect, test } from "vitest";
import type { FunctionPolicy } from "../../../src/core/options/settings.ts";
import { withStorage, type SuiteOptions } from "./with-storage.ts";

const registration = {
  topic: "emails",
  priority: 3,
  maxConcurrency: 7,
  maxQueueLen: Infinity,
  maxRestarts: 2,
  expiresMs: 60_000,
};

export function registering(suite: SuiteOptions): void {
  test(
    "starts with an empty registry",
    withStorage(suite, async (driver) => {
      const registry = await driver.storage.registry(undefined);
      expect(registry?.topics.size).toBe(0);
      expect(await driver.storage.registry(registry?.version)).toBeUndefined();
    }),
  );

  test(
    "keeps limits and policies, and adds functions to those that are known",
    withStorage(suite, async (driver) => {
      const policy: FunctionPolicy = {
        priority: 1,
        timeoutMs: 30_000,
        abortGraceMs: 0,
        maxRestarts: Infinity,
        maxBackoffMs: 5,
        isolation: "process",
        maxMemoryBytes: 536_870_912,
      };
      const functions = new Map<string, FunctionPolicy>([
        ["send", policy],
        ["__proto__", {}],
        ["constructor", { isolation: "inline" }],
      ]);
      await driver.do({ kind: "registerTopic", worker: "w1", registration, functions });
      const first = await driver.storage.registry(undefined);
      expect(first?.topics).toEqual(new Map([["emails", { ...registration, functions }]]));

      const later = { ...registration, maxQueueLen: 5 };
      await driver.do({
        kind: "registerTopic",
        worker: "w1",
        registration: later,
        functions: new Map([
          ["send", {}],
          ["new", {}],
        ]),
      });
      const second = await driver.storage.registry(first?.version);
      expect(second?.topics.get("emails")).toEqual({
        ...later,
        functions: new Map<string, FunctionPolicy>([
          ["send", {}],
          ["__proto__", {}],
          ["constructor", { isolation: "inline" }],
          ["new", {}],
        ]),
      });
      expect(await driver.storage.registry(second?.version)).toBeUndefined();
      expect((await driver.storage.registry(first?.version))?.version).toBe(second?.version);
    }),
  );

  test(
    "registers a worker anew in place of its old row",
    withStorage(suite, async (driver) => {
      const process = { bootId: "", pidNamespace: "", pid: 1, startTime: "" };
      const worker = { id: "w1", heartbeat: 9, leaseMs: 5, process };
      await driver.do({ kind: "registerWorker", worker });
      expect(await driver.storage.workers()).toEqual([{ ...worker, isCondemned: false }]);
    }),
  );
}
