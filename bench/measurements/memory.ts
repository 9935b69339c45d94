import { execFile } from "node:child_process";
import { mkdtempSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { fillBehindHolders, openInstance } from "../harness/instance.ts";
import type { Measurement } from "../harness/measurement.ts";
import type { Memory } from "../harness/memory-process.ts";
import { RawSqlite } from "../harness/raw-sqlite.ts";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("../harness/memory-process.ts", import.meta.url));
const BYTES_PER_MB = 1_000_000;

/** What tasks that wait take, in a process whose slots are all taken and that does nothing else. */
export const measureMemory: Measurement = async function* ({ scale, folder }) {
  for (const durability of ["power-loss", "memory"] as const) {
    for (const count of [0, scale.waiting]) {
      const file = join(folder, `memory-${durability}-${count}.db`);
      const slots = mkdtempSync(join(folder, "slots-"));
      if (durability === "power-loss") await fillFile(file, count, slots);
      const size = sizeOf(file);
      const { stdout } = await run(process.execPath, ["--expose-gc", SCRIPT, durability, file, String(count), slots]);
      const memory = JSON.parse(stdout) as Memory;
      const figures = [
        { what: "resident memory", value: memory.resident },
        { what: "heap of the application's thread", value: memory.applicationHeap },
        { what: "heap of the Engine's thread", value: memory.engineHeap },
        ...(durability === "memory"
          ? []
          : [{ what: "database file", value: size, raw: rawSize(`${file}-raw`, count) }]),
      ];
      for (const { what, ...figure } of figures) {
        yield { name: `${what}, ${count.toLocaleString("en-US")} waiting`, durability, unit: "MB", ...figure };
      }
    }
  }
};

async function fillFile(file: string, count: number, slots: string): Promise<void> {
  await using stage3 = await openInstance({ file, durability: "power-loss", queue: { isolation: "inline" } });
  await fillBehindHolders(stage3, count, slots);
}

function rawSize(file: string, count: number): number {
  {
    using raw = RawSqlite.create(file, "power-loss");
    raw.enqueue(count, 1_000);
  }
  return sizeOf(file);
}

/** Of a file that nobody has open, so that its log has gone into it. */
function sizeOf(file: string): number {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) / BYTES_PER_MB;
}
