// The instance that the servers here mount, and what callers have to send.
import { Stage3Queue } from "stage3queue";
import type tasks from "./tasks.ts";

export const token = process.env["STAGE3_TOKEN"] ?? "";
if (token === "") throw new Error("Set STAGE3_TOKEN to the secret that callers have to send.");

export const stage3 = await Stage3Queue.open<typeof tasks>({
  database: process.env["STAGE3_DATABASE"],
  tasks: new URL("./tasks.ts", import.meta.url),
});
await stage3.start();
