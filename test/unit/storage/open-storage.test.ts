import { expect, test } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { openStorage } from "../../../src/storage/open.ts";
import { newFile } from "./open-sqlite.ts";

test("opens either storage", async () => {
  const options = { durability: "power-loss", clock: systemClock } as const;
  for (const database of [{ kind: "memory" }, { kind: "sqlite", file: newFile() }] as const) {
    const storage = await openStorage(database, options);
    expect(await storage.state("none")).toBeUndefined();
    await storage[Symbol.asyncDispose]();
  }
});
