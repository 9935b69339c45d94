import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { requireOwnFiles } from "../../../src/broker/own-files.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { stage3Error } from "../core/invalid.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

const FILES = [
  "dist/src/engine/thread/entry.js",
  "dist/src/executor/entry/child.js",
  "dist/src/executor/entry/thread.js",
  "dist/src/executor/entry/watchdog.js",
  "migrations/sqlite/0001_tasks.sql",
];

/** A folder with these files; answers with the address that the module would have in it. */
function packageWith(files: readonly string[], own = "dist/src/broker/own-files.js"): string {
  const folder = temporaryFolder();
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  return pathToFileURL(join(folder, own)).href;
}

describe("the package's own files", () => {
  it("are all that the sources name by an address", () => {
    const files = globSync("src/**/*.ts", { cwd: ROOT });
    const named = files.flatMap((file) => {
      const text = readFileSync(join(ROOT, file), "utf8");
      const addresses = text.matchAll(/new URL\(`([^`$]+)\$\{import\.meta\.url\.slice\(-3\)\}`/gu);
      return [...addresses].map(([, address = ""]) => join(dirname(file), address).replace(/^src/u, "dist/src"));
    });
    const known = FILES.filter((file) => file.endsWith(".js")).map((file) => file.slice(0, -".js".length));
    expect(named.toSorted()).toEqual(known.toSorted());
  });

  it("are where they belong, here and in a package that is whole", () => {
    expect(() => requireOwnFiles()).not.toThrow();
    expect(() => requireOwnFiles(packageWith(FILES))).not.toThrow();
  });

  it.each(FILES)("are not without %s", (missing) => {
    const url = packageWith(FILES.filter((file) => file !== missing));
    const [name = ""] = missing.split("/").slice(-2, -1);
    expect(() => requireOwnFiles(url)).toThrow(stage3Error("PACKAGE_INCOMPLETE", `${name}/`));
    expect(() => requireOwnFiles(url)).toThrow(stage3Error("PACKAGE_INCOMPLETE", "--external:stage3queue for esbuild"));
  });

  it.each([
    packageWith.bind(undefined, FILES, "dist/src/app.js"),
    packageWith.bind(undefined, FILES, "dist/src/chunks/x.mjs"),
  ])("are not beside a bundle, whatever else is there", (place) => {
    expect(() => requireOwnFiles(place())).toThrow(stage3Error("PACKAGE_INCOMPLETE", "part of another file"));
  });
});
