import { execFile } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Mutant } from "./mutant.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RUNNER = fileURLToPath(new URL("./fixtures/mutant-runner.ts", import.meta.url));

/** One that is not caught runs all of its seeds. */
export const LONGEST_TRY_MS = 300_000;

/** The first seed that shows the mutant as it has to, and the rules that it broke there; no seed: none of them did. */
export interface MutantVerdict {
  readonly seed?: number;
  readonly rules: readonly string[];
}

/** Copies the sources into a folder, where each mutant is tried in its turn. */
export function copySources(folder: string): void {
  for (const part of ["src", "proof", "migrations", "package.json"]) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
}

/** Applies the mutant to the copy, simulates up to `seeds` seeds with it, and takes it back. */
export async function tryMutant(folder: string, mutant: Mutant, seeds: number): Promise<MutantVerdict> {
  const file = join(folder, mutant.file);
  const original = readFileSync(file, "utf8");
  if (original.split(mutant.line).length !== 2) throw new Error(`${mutant.name}: its line is not there exactly once.`);
  writeFileSync(
    file,
    original.replace(mutant.line, () => mutant.instead),
  );
  try {
    const args = [RUNNER, folder, String(seeds), ...(mutant.breaks === undefined ? [] : [mutant.breaks])];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: LONGEST_TRY_MS });
    return JSON.parse(stdout) as MutantVerdict;
  } finally {
    writeFileSync(file, original);
  }
}
