import { defineConfig } from "stage3queue";

export default defineConfig({
  tasks: new URL("tasks.ts", import.meta.url),
  queues: { default: { maxRestarts: 0, abortGrace: 100, shutdownGrace: 100 } },
  http: { port: 0 },
});
