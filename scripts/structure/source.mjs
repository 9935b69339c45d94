import { parseSync } from "oxc-parser";

/**
 * @typedef {{ specifier: string, isLazy: boolean, line: number }} Import
 * @typedef {{ what: string, line: number }} Finding
 * @typedef {{ type: string, start: number, [key: string]: unknown }} Node
 * @typedef {{ imports: Import[], hidden: Finding[], reexportsOnly: boolean, problem?: string }} Source
 */

const timers = new Set(["setTimeout", "setInterval", "setImmediate"]);
const timerModules = new Set(["node:timers", "node:timers/promises", "timers", "timers/promises"]);
const members = new Set([
  "Date.now",
  "Math.random",
  "performance.now",
  "process.hrtime",
  "process.uptime",
  "AbortSignal.timeout",
  ...[...timers].map((name) => `globalThis.${name}`),
]);

/**
 * What the structure check needs to know about one file: its imports (types and `import()` included) and its direct
 * uses of time and chance.
 *
 * @param {string} file
 * @param {string} text
 * @returns {Source}
 */
export function readSource(file, text) {
  const { program, errors } = parseSync(file, text);
  const lineOf = lineCounter(text);
  /** @type {Source} */
  const source = { imports: [], hidden: [], reexportsOnly: program.body.every((statement) => isReexport(statement)) };
  if (errors.length > 0) source.problem = errors[0]?.message ?? "it cannot be parsed";
  walk(program, undefined, (node, parent) => {
    const line = () => lineOf(node.start);
    const specifier = importedBy(node);
    if (specifier !== undefined) source.imports.push({ specifier, isLazy: isLazy(node), line: line() });
    const what = hiddenSource(node, parent, specifier);
    if (what !== undefined) source.hidden.push({ what, line: line() });
  });
  return source;
}

/**
 * @param {Node} node
 * @returns {string | undefined}
 */
function importedBy(node) {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
    case "TSImportType": {
      const source = node["source"] ?? node["argument"];
      return isNode(source) && typeof source["value"] === "string" ? source["value"] : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * Whether nothing is loaded together with the file: the import is of types, or a call.
 *
 * @param {Node} node
 */
function isLazy(node) {
  if (node.type === "ImportExpression" || node.type === "TSImportType") return true;
  return node["importKind"] === "type" || node["exportKind"] === "type";
}

/**
 * @param {Node} node
 * @param {Node | undefined} parent
 * @param {string | undefined} specifier
 * @returns {string | undefined}
 */
function hiddenSource(node, parent, specifier) {
  if (specifier !== undefined) return timerModules.has(specifier) ? `import of ${specifier}` : undefined;
  if (node.type === "MemberExpression") {
    const path = `${nameOf(node["object"])}.${nameOf(node["property"])}`;
    return members.has(path) ? path : undefined;
  }
  if (node.type === "NewExpression" && nameOf(node["callee"]) === "Date") {
    return Array.isArray(node["arguments"]) && node["arguments"].length === 0 ? "new Date()" : undefined;
  }
  const name = nameOf(node);
  return timers.has(name) && !isNameOnly(node, parent) ? name : undefined;
}

/**
 * `clock.setTimeout`, `{ setTimeout: … }` and a method's declaration only name something of their own.
 *
 * @param {Node} node
 * @param {Node | undefined} parent
 */
function isNameOnly(node, parent) {
  if (parent === undefined || parent["computed"] === true) return false;
  if (parent.type === "MemberExpression") return parent["property"] === node;
  return parent["key"] === node; // of `{ setTimeout }` the value remains
}

/** What an entry imports for nothing but its check of the version of Node, which has to be evaluated first. */
const FIRST_IMPORT = "./core/require-node.ts";

/** @param {{ type: string, source?: unknown, specifiers?: readonly unknown[] }} statement */
function isReexport(statement) {
  if (statement.type === "ExportAllDeclaration") return true;
  if (statement.type === "ImportDeclaration") {
    return statement.specifiers?.length === 0 && isNode(statement.source) && statement.source["value"] === FIRST_IMPORT;
  }
  return statement.type === "ExportNamedDeclaration" && isNode(statement.source);
}

/**
 * @param {unknown} value
 * @param {Node | undefined} parent
 * @param {(node: Node, parent: Node | undefined) => void} visit
 */
function walk(value, parent, visit) {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, parent, visit);
  } else if (isNode(value)) {
    visit(value, parent);
    for (const child of Object.values(value)) walk(child, value, visit);
  }
}

/**
 * @param {unknown} value
 * @returns {value is Node}
 */
function isNode(value) {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/** @param {unknown} node */
function nameOf(node) {
  return isNode(node) && node.type === "Identifier" ? String(node["name"]) : "";
}

/**
 * @param {string} text
 * @returns {(offset: number) => number}
 */
function lineCounter(text) {
  return (offset) => text.slice(0, offset).split("\n").length;
}
