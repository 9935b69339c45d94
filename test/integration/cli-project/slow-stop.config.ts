import { defineConfig } from "stage3queue";

export default defineConfig({
  tasks: new URL("tasks.ts", import.meta.url),
  queues: { default: { shutdownGrace: "1h", abortGrace: "1h" } },
  http: { port: 0 },
});
