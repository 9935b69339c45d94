import { execFileSync } from "node:child_process";
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

test("does not load SQLite for the memory storage", () => {
  const open = new URL("../../../src/storage/open.ts", import.meta.url).href;
  const script = `
    import { openStorage } from ${JSON.stringify(open)};
    await openStorage({ kind: "memory" }, {});
    console.log(process.moduleLoadList.some((name) => name.endsWith(" sqlite")));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  expect(output.trim()).toBe("false");
});
