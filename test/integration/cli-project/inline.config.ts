import { defineConfig } from "stage3queue";

export default defineConfig({
  tasks: new URL("tasks.ts", import.meta.url),
  queues: { default: { isolation: "inline" } },
  http: { port: 0 },
});
