// Writes the parts of the docs that follow from the code:
//
//   npx node scripts/docs/generate.mjs
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { optionsAt } from "../../src/core/options/declarations.ts";
import { errorsTable, failuresTable } from "./errors-table.mjs";
import { eventsTable } from "./events-table.mjs";
import { replaceGenerated } from "./markdown.mjs";
import { enqueueTable, optionsTable, precedence } from "./options-table.mjs";
import { stateDiagram } from "./state-diagram.mjs";

/** @type {Readonly<Record<string, Readonly<Record<string, () => string>>>>} */
const PARTS = {
  "errors.md": { errors: errorsTable, failures: failuresTable },
  "events.md": { events: eventsTable },
  "state-machine.md": { diagram: stateDiagram },
  "queues-and-options.md": {
    instance: () => optionsTable("Stage3QueueOptions", optionsAt("instance")),
    queue: () => optionsTable("QueueOptions", optionsAt("queue")),
    enqueue: enqueueTable,
    precedence,
    retention: () => optionsTable("RetentionOptions"),
    http: () => optionsTable("HttpOptions"),
  },
};

/**
 * Each page with generated parts: what it holds, and what it should hold.
 *
 * @returns {{ path: string, current: string, wanted: string }[]}
 */
export function generatePages() {
  return Object.entries(PARTS).map(([name, parts]) => {
    const path = fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
    const current = readFileSync(path, "utf8");
    const wanted = Object.entries(parts).reduce(
      (page, [part, content]) => replaceGenerated(page, part, content()),
      current,
    );
    return { path, current, wanted };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, wanted } of generatePages()) writeFileSync(path, wanted);
}
