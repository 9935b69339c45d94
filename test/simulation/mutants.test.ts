import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportFigures } from "../support/figures.ts";
import { EQUIVALENT, MUTANTS } from "./mutants.ts";
import { copySources, LONGEST_TRY_MS, tryMutant } from "./run-mutant.ts";
import { IS_LONG } from "../support/forms.ts";

/** Each has to be caught within so many seeds. */
const SEEDS = 100;
/** In the short form, a few that are caught at once. */
const TRIED = IS_LONG
  ? MUTANTS
  : MUTANTS.filter(({ name }) => /before its turn|priority goes first|not written down/.test(name));

let folder = "";
let caught = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stage3queue-mutants-"));
  copySources(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("there are twenty mutants at least, each with a name of its own, for every rule", () => {
  expect(MUTANTS.length).toBeGreaterThanOrEqual(20);
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  const rules = new Set(MUTANTS.map(({ breaks }) => breaks));
  expect(rules).not.toContain(undefined);
  expect(rules.size).toBeGreaterThanOrEqual(14);
});

describe("the checker catches a queue in which", () => {
  test.each(TRIED)(
    "$name",
    async (mutant) => {
      const { seed, rules } = await tryMutant(folder, mutant, SEEDS);
      expect(seed).toBeDefined();
      expect(rules).toContain(mutant.breaks);
      caught += 1;
    },
    LONGEST_TRY_MS + 10_000,
  );
});

test("none of those tried is missed", (context) => {
  reportFigures(context, { proof: "Mutants of the sources", figures: { tried: TRIED.length, caught } });
  expect(caught).toBe(TRIED.length);
});

describe("no history can show that", () => {
  test.each(IS_LONG ? EQUIVALENT : EQUIVALENT.slice(0, 1))(
    "$name, because $because",
    async (mutant) => {
      expect(await tryMutant(folder, mutant, IS_LONG ? SEEDS : SEEDS / 10)).toEqual({ rules: [] });
    },
    LONGEST_TRY_MS + 10_000,
  );
});
