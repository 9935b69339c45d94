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
 * Packages that stay in one folder, so that none of their types leaves it.
 *
 * @type {Record<string, string>}
 */
export const packageHomes = {
  "node:sqlite": "src/storage/sqlite/",
  pg: "src/storage/postgres/",
  hono: "src/http/",
  "@hono/node-server": "src/http/",
  commander: "src/cli/",
};

/**
 * @param {string} file Relative to the repository, with slashes.
 * @returns {string | undefined} Its layer; undefined for an entry point.
 */
export function layerOf(file) {
  const [, first, ...rest] = file.split("/");
  return rest.length === 0 ? undefined : first;
}

/**
 * @param {string} file
 * @returns {string | undefined} `sqlite` for a file in src/storage/sqlite/.
 */
export function storageOf(file) {
  return /^src\/storage\/([^/]+)\//u.exec(file)?.[1];
}
