import { describe } from "vitest";
import { aborting } from "./suite/aborting.ts";
import { capacity } from "./suite/capacity.ts";
import { deadLetters } from "./suite/dead-letters.ts";
import { delaying } from "./suite/delaying.ts";
import { failingAlone } from "./suite/failing-alone.ts";
import { fencing } from "./suite/fencing.ts";
import { idempotency } from "./suite/idempotency.ts";
import { offering } from "./suite/offering.ts";
import { ordering } from "./suite/ordering.ts";
import { properties } from "./suite/properties.ts";
import { reading } from "./suite/reading.ts";
import { registering } from "./suite/registering.ts";
import { rescuing } from "./suite/rescuing.ts";
import { settling } from "./suite/settling.ts";
import { starting } from "./suite/starting.ts";
import type { SuiteOptions } from "./suite/with-storage.ts";
import { upkeep } from "./suite/upkeep.ts";

/** What every storage must pass. */
export function describeStorage(name: string, options: SuiteOptions): void {
  describe(`storage: ${name}`, () => {
    describe("reading", () => {
      reading(options);
    });
    describe("ordering", () => {
      ordering(options);
    });
    describe("starting at enqueue", () => {
      starting(options);
    });
    describe("capacity", () => {
      capacity(options);
    });
    describe("delays and expiry", () => {
      delaying(options);
    });
    describe("idempotency keys", () => {
      idempotency(options);
    });
    describe("settling", () => {
      settling(options);
    });
    describe("fencing", () => {
      fencing(options);
    });
    describe("aborting", () => {
      aborting(options);
    });
    describe("rescuing", () => {
      rescuing(options);
    });
    describe("dead-letter queue", () => {
      deadLetters(options);
    });
    describe("upkeep", () => {
      upkeep(options);
    });
    describe("registering", () => {
      registering(options);
    });
    describe("offering", () => {
      offering(options);
    });
    describe("operations that cannot be stored", () => {
      failingAlone(options);
    });
    describe("random operations", () => {
      properties(options);
    });
  });
}
