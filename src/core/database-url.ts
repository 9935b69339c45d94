import { resolve } from "node:path";
import { Stage3Error } from "./errors.ts";

/** Which storage, and where. */
export type DatabaseLocation = { readonly kind: "sqlite"; readonly file: string } | { readonly kind: "memory" };

/**
 * Reads the `database` option: `sqlite:FILE`, FILE being relative to `baseFolder` or absolute, or `memory:`.
 *
 * @throws Stage3Error `INVALID_OPTION` for anything else.
 */
export function parseDatabaseUrl(text: string, baseFolder: string): DatabaseLocation {
  if (text === "memory:") return { kind: "memory" };
  if (/^postgres(?:ql)?:/i.test(text)) throw refused("PostgreSQL is not offered by this version");
  if (!text.startsWith("sqlite:")) throw refused(`${withoutSecrets(text)} is neither`);
  const file = text.slice("sqlite:".length);
  // Taken as a path, it would name a file in the root folder.
  if (file.startsWith("//")) throw refused("it has no //: write sqlite:foo.db or sqlite:/abs/foo.db");
  if (file === ":memory:") throw refused("for a database in memory write memory:");
  if (file === "" || file.includes("\0")) throw refused("the name of the file is missing or contains U+0000");
  return { kind: "sqlite", file: resolve(baseFolder, file) };
}

function refused(reason: string): Stage3Error {
  return new Stage3Error("INVALID_OPTION", `database must be "sqlite:FILE" or "memory:"; ${reason}.`);
}

/** Only what comes before the first colon: what comes after it may hold a password. */
function withoutSecrets(text: string): string {
  const [scheme = "", rest] = text.split(":", 2);
  return JSON.stringify(rest === undefined ? scheme.slice(0, 60) : `${scheme.slice(0, 60)}:…`);
}
