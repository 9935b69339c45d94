import { defineConfig } from "stage3queue";

export default defineConfig({ tasks: new URL("slow-tasks.ts", import.meta.url), http: { port: 0 } });
