import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const FAULTS = fileURLToPath(new URL("../faults", import.meta.url));
const page = readFileSync(new URL("../../docs/reliability.md", import.meta.url), "utf8");

test("the page lists every fault that has a test (else run scripts/docs/reliability.mjs after a whole run)", () => {
  const sources = readdirSync(FAULTS).filter((file) => file.endsWith(".test.ts"));
  const named = sources.flatMap((file) => {
    const text = readFileSync(`${FAULTS}/${file}`, "utf8");
    return [...text.matchAll(/^ *fault:\s*"(.*)",$/gmu)].map(([, name = ""]) => name);
  });
  expect(named.length).toBeGreaterThan(20);
  // What is done where a tool is missing stands in for the row that was run with it.
  const listed = named.filter((name) => !name.includes("(no "));
  expect(listed.filter((name) => !page.includes(`| ${name}`))).toEqual([]);
});

test("every one of them holds", () => {
  const [, list = ""] = page.split("<!-- generated: faults -->");
  const results = [...list.matchAll(/^\|.*\| (\S+) *\|$/gmu)].map(([, result]) => result);
  expect(new Set(results.filter((result) => !/^(result|-+)$/u.test(result ?? "")))).toEqual(new Set(["holds"]));
});
