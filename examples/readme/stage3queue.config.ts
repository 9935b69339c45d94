import { defineConfig } from "stage3queue";

export default defineConfig({
  database: "sqlite:data/stage3.db", // relative to this file
  tasks: new URL("./tasks.ts", import.meta.url),
  queues: {
    default: {},
    emails: { maxConcurrency: 100, isolation: "inline", timeout: "5m" },
    report: { maxConcurrency: 2, maxRestarts: 10, maxBackoff: "1m" },
  },
  http: { port: 4000 },
});
