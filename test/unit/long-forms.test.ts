import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import budgets from "../../scripts/budgets.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);
const files = budgets.longForms.flatMap((form) => form.files);

test("whatever a long form names is there", () => {
  expect(files.filter((file) => !existsSync(fileURLToPath(new URL(file, ROOT))))).toEqual([]);
});

test("whatever npm test leaves out is run by a long form", () => {
  const isRun = (left: string): boolean => files.some((file) => left === file || left.startsWith(`${file}/`));
  expect(budgets.onlyInLongForms.filter((file) => !isRun(file))).toEqual([]);
});
