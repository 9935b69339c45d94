// The instance of a Next application.
import { pathToFileURL } from "node:url";
import { Stage3Queue } from "stage3queue";
import type tasks from "../tasks.ts";

async function open(): Promise<Stage3Queue<typeof tasks>> {
  const stage3 = await Stage3Queue.open<typeof tasks>({
    database: process.env["STAGE3_DATABASE"],
    tasks: pathToFileURL("tasks.ts"), // in the working directory: Next bundles what import.meta.url points at
  });
  await stage3.start();
  process.once("SIGTERM", () => void stage3.stop());
  return stage3;
}

// In development Next loads a module anew whenever it has changed. The instance outlives that.
const kept = globalThis as { stage3?: Promise<Stage3Queue<typeof tasks>> };
kept.stage3 ??= open();
export const stage3 = await kept.stage3;
