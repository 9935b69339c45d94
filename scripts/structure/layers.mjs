/**
 * The layers, lowest first, and what each may import besides itself. ARCHITECTURE.md draws them.
 *
 * @type {Record<string, readonly string[]>}
 */
export const layers = {
  core: [],
  tasks: ["core"],
  storage: ["core"],
  executor: ["core", "tasks"],
  engine: ["core", "tasks", "storage", "executor"],
  broker: ["core", "tasks", "storage", "executor", "engine"],
  http: ["core", "tasks", "storage", "executor", "engine", "broker"],
  testing: ["core", "tasks", "storage", "executor", "engine", "broker"],
  // The command serves HTTP; the HTTP interface knows nothing of the command.
  cli: ["core", "tasks", "storage", "executor", "engine", "broker", "http"],
};

/** What proof/, which stands beside src/, may import of it. */
export const proofLayers = ["core", "tasks", "storage", "executor", "engine", "broker", "testing"];

/** What the sources know of proof/: one file loads one other, and only when it is needed. */
export const proofEntry = { importer: "src/cli/run-torture.ts", target: "proof/index.ts" };

/**
 * What entry points may re-export. The one that tasks modules load in every child must not pull in the rest, and who
 * only enqueues is to load neither the HTTP interface nor the command.
 *
 * @type {Record<string, readonly string[]>}
 */
export const entryLayers = {
  "src/tasks.ts": ["core", "tasks"],
  "src/index.ts": ["core", "tasks", "broker"],
};

/**
 * Packages that stay in some folders, so that none of their types leaves these.
 *
 * @type {Record<string, readonly string[]>}
 */
export const packageHomes = {
  "node:sqlite": ["src/storage/sqlite/", "proof/sqlite/"],
  pg: ["src/storage/postgres/"],
  hono: ["src/http/"],
  "@hono/node-server": ["src/http/"],
  commander: ["src/cli/"],
};

/**
 * @param {string} file Relative to the repository, with slashes.
 * @returns {string | undefined} Its layer; undefined for an entry point.
 */
export function layerOf(file) {
  const [top, first, ...rest] = file.split("/");
  if (top === "proof") return "proof";
  return rest.length === 0 ? undefined : first;
}

/**
 * @param {string} file
 * @returns {string | undefined} `sqlite` for a file in src/storage/sqlite/.
 */
export function storageOf(file) {
  return /^src\/storage\/([^/]+)\//u.exec(file)?.[1];
}
