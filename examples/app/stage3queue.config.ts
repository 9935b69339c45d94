import { defineConfig } from "stage3queue";

// What `npm start` serves. Every option has a default; these are here to show where they go.
export default defineConfig({
  database: "sqlite:../../data/stage3.db", // relative to this file: the folder `data` of the repository
  tasks: new URL("./tasks.ts", import.meta.url),
  queues: {
    default: {},

    // Sending waits for the network and obeys its AbortSignal, so a hundred at once share this process instead of
    // taking a hundred children. The price of "inline": what ignores its signal cannot be killed, only abandoned.
    emails: { maxConcurrency: 100, isolation: "inline", timeout: "5m" },

    // Reports are few and heavy: one a core or so, and worth another try for longer.
    report: { maxConcurrency: 2, maxRestarts: 10, maxBackoff: "1m" },
  },
});
