import { defineConfig } from "stage3queue";

export default defineConfig({
  tasks: new URL("./tasks.ts", import.meta.url),
});
