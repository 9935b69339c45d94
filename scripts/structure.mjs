// Checks the shape of the code: who may import whom, cycles, hidden sources of time and chance, names and sizes.
//
//   node scripts/structure.mjs [folder]
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { checkStructure } from "./structure/check.mjs";

const folder = resolve(process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url)));
const { errors, warnings, files } = checkStructure(folder);
for (const warning of warnings) console.warn(`warning: ${warning}`);
for (const error of errors) console.error(`error: ${error}`);
console.log(`${files} files, ${errors.length} errors, ${warnings.length} warnings`);
process.exitCode = errors.length === 0 ? 0 : 1;
