import { existsSync } from "node:fs";
import { Stage3Error } from "../core/errors.ts";
import { packageRoot } from "../core/package-root.ts";

/** Started by URL, so that no bundler can see that they are needed. Relative to this module. */
const ENTRIES = [
  "../engine/thread/entry",
  "../executor/entry/child",
  "../executor/entry/thread",
  "../executor/entry/watchdog",
];

/**
 * Makes sure that the package is whole: a bundler may have put its code into the application's file, beside which the
 * code of its threads and children is missing, or is another's that has the same name.
 *
 * @throws Stage3Error `PACKAGE_INCOMPLETE`, saying what to do.
 */
export function requireOwnFiles(ownUrl: string | undefined = import.meta.url): void {
  // A bundle in CommonJS has no URL at all.
  const [, extension] = /\/broker\/own-files(\.[jt]s)$/.exec(ownUrl ?? "") ?? [];
  if (ownUrl === undefined || extension === undefined) throw incomplete("its code is part of another file");
  const entries = ENTRIES.map((entry) => new URL(entry + extension, ownUrl));
  for (const url of [...entries, new URL("migrations/sqlite/", packageRoot(ownUrl))]) {
    if (!existsSync(url)) throw incomplete(`${url.href} is missing`);
  }
}

function incomplete(reason: string): Stage3Error {
  return new Stage3Error(
    "PACKAGE_INCOMPLETE",
    `Stage3Queue's own files are not where they belong: ${reason}. Leave the package out of the bundle, with ` +
      "--external:stage3queue for esbuild or the like for other tools, and install it where the bundle runs.",
  );
}
