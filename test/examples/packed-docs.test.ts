import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { npmEnvironment } from "./support/npm-environment.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

test("the package has the docs, and each relative link of its pages leads to something in it", async () => {
  const flags = ["--dry-run", "--json", "--ignore-scripts", "--cache", join(temporaryFolder(), "cache")];
  const { stdout } = await run("npm", ["pack", ...flags], { cwd: ROOT, env: npmEnvironment() });
  const [{ files }] = JSON.parse(stdout) as [{ readonly files: readonly { readonly path: string }[] }];
  const packed = files.map(({ path }) => path);
  expect(packed).toEqual(expect.arrayContaining(["README.md", "docs/README.md", "docs/start.md", "CHANGELOG.md"]));
  expect(packed.filter((path) => /^(?:src|test|scripts|node_modules)\//u.test(path))).toEqual([]);
  const broken = packed
    .filter((path) => path.endsWith(".md"))
    .flatMap((page) => linksOf(page).map((target) => ({ page, target })))
    .filter(({ target }) => !packed.some((file) => file === target || file.startsWith(`${target}/`)));
  expect(broken).toEqual([]);
}, 60_000);

/** What a page's relative links lead to. */
function linksOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), "utf8").replaceAll(/^```.*?^```$/gmsu, "");
  const targets = [...text.matchAll(/\]\(([^)\s#]+)/gu)].map(([, target = ""]) => target);
  const relative = targets.filter((target) => !/^[a-z]+:/u.test(target));
  return relative.map((target) => posix.join(posix.dirname(page), target).replace(/\/$/u, ""));
}
