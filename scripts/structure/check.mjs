import { readdirSync, readFileSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { findCycles } from "./cycles.mjs";
import { entryLayers, layerOf, layers, packageHomes, proofEntry, proofLayers, storageOf } from "./layers.mjs";
import { readSource } from "./source.mjs";

const folders = ["src", "proof", "bin", "scripts", "test", "examples", "bench"];
const maxLines = 300;
const manyLines = 200;
const emptyNames = new Set(["util", "utils", "helper", "helpers", "common", "manager"]);
/** The two ports through which time and chance enter. */
const ports = new Set(["src/core/clock.ts", "src/core/random.ts"]);

/**
 * @typedef {{ errors: string[], warnings: string[] }} Report
 */

/**
 * @param {string} root
 * @returns {Report & { files: number }}
 */
export function checkStructure(root) {
  /** @type {Report} */
  const report = { errors: [], warnings: [] };
  /** @type {Map<string, string[]>} */
  const graph = new Map();
  const files = folders.flatMap((folder) => codeFiles(root, folder));
  for (const file of files) {
    const text = readFileSync(join(root, file), "utf8");
    checkName(file, report);
    checkLength(file, text, report);
    if (isShipped(file)) graph.set(file, checkSource(file, text, report));
  }
  for (const cycle of findCycles(graph)) {
    report.errors.push(`import cycle: ${cycle.join(" -> ")}. Move what they share into a file of its own.`);
  }
  return { ...report, files: files.length };
}

/**
 * @param {string} root
 * @param {string} folder
 */
function codeFiles(root, folder) {
  try {
    return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.[mc]?[jt]sx?$/u.test(entry.name))
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(root.length + 1)
          .replaceAll("\\", "/"),
      )
      .filter((file) => !file.includes("node_modules/"))
      .toSorted();
  } catch {
    return []; // not every tree has every folder
  }
}

/**
 * @param {string} file
 * @param {Report} report
 */
function checkName(file, report) {
  const name = basename(file).split(".")[0] ?? "";
  if (name.split("-").some((word) => emptyNames.has(word.toLowerCase()))) {
    report.errors.push(`${file}: the name says nothing. Name the one idea that the file holds.`);
  }
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/u.test(name)) report.errors.push(`${file}: file names are kebab-case.`);
}

/**
 * @param {string} file
 * @param {string} text
 * @param {Report} report
 */
function checkLength(file, text, report) {
  const lines = text.trimEnd().split("\n").length;
  if (lines > maxLines) report.errors.push(`${file}: ${lines} lines, more than ${maxLines}. Split it by idea.`);
  else if (lines > manyLines) report.warnings.push(`${file}: ${lines} lines, more than ${manyLines}.`);
}

/**
 * @param {string} file
 * @param {string} text
 * @param {Report} report
 * @returns {string[]} The files of src and proof that it imports.
 */
function checkSource(file, text, report) {
  const source = readSource(file, text);
  if (source.problem !== undefined) report.errors.push(`${file}: ${source.problem}`);
  const layer = layerOf(file);
  if (layer === undefined && !source.reexportsOnly) {
    report.errors.push(`${file}: an entry point only re-exports. Move its code into a layer's folder.`);
  }
  if (layer !== undefined && layer !== "proof" && !Object.hasOwn(layers, layer)) {
    report.errors.push(`${file}: "${layer}" is no layer. Add it to scripts/structure/layers.mjs.`);
  }
  if (!ports.has(file)) {
    for (const { what, line } of source.hidden) {
      report.errors.push(`${file}:${line}: ${what}. Time and chance come through the Clock and Random ports.`);
    }
  }
  /** @type {string[]} */
  const targets = [];
  for (const { specifier, isLazy, line } of source.imports) {
    const problem = specifier.startsWith(".") ? checkRelative(file, specifier, isLazy) : checkPackage(file, specifier);
    if (problem !== undefined) report.errors.push(`${file}:${line}: ${problem}`);
    if (specifier.startsWith(".")) targets.push(posix.join(posix.dirname(file), specifier));
  }
  return targets;
}

/**
 * @param {string} file
 * @param {string} specifier
 * @param {boolean} isLazy
 * @returns {string | undefined} What is wrong with the import.
 */
function checkRelative(file, specifier, isLazy) {
  const target = posix.join(posix.dirname(file), specifier);
  if (!isShipped(target)) return target === "package.json" ? undefined : `${specifier} is outside src and proof.`;
  if (!target.endsWith(".ts")) return `write the import with its extension: "${specifier}" should end in .ts.`;
  const from = layerOf(file);
  const to = layerOf(target);
  if (to === "proof" && from !== "proof") return checkProofEntry(file, target, isLazy);
  if (to === undefined) return `${target} is an entry point; import what it re-exports.`;
  const allowed = allowedFor(file, from);
  if (allowed !== undefined && !allowed.includes(to)) {
    return `${from ?? file} may not import ${to} (${target}). It may import: ${allowed.join(", ")}.`;
  }
  const storages = [storageOf(file), storageOf(target)];
  if (storages.every((storage) => storage !== undefined) && storages[0] !== storages[1]) {
    return `a storage may not import another (${target}). What they share belongs into src/storage/ or src/core/.`;
  }
  return undefined;
}

/**
 * @param {string} file
 * @param {string | undefined} layer
 * @returns {readonly string[] | undefined} The layers that it may import; undefined for all.
 */
function allowedFor(file, layer) {
  if (layer === undefined) return entryLayers[file];
  return [layer, ...(layer === "proof" ? proofLayers : (layers[layer] ?? []))];
}

/**
 * @param {string} file
 * @param {string} target
 * @param {boolean} isLazy
 * @returns {string | undefined}
 */
function checkProofEntry(file, target, isLazy) {
  const { importer, target: entry } = proofEntry;
  if (file !== importer || target !== entry) return `only ${importer} may import proof, and only ${entry}.`;
  return isLazy ? undefined : `load ${entry} where it is needed, with import(…).`;
}

/** @param {string} file */
function isShipped(file) {
  return file.startsWith("src/") || file.startsWith("proof/");
}

/**
 * @param {string} file
 * @param {string} specifier
 * @returns {string | undefined}
 */
function checkPackage(file, specifier) {
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const homes = Object.hasOwn(packageHomes, name) ? packageHomes[name] : undefined;
  if (homes === undefined || homes.some((home) => file.startsWith(home))) return undefined;
  return `${name} stays in ${homes.join(" and ")}.`;
}
