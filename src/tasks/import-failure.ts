import { fileURLToPath } from "node:url";
import { describeThrown } from "../core/failure.ts";

/**
 * Why the module at `url` cannot be imported: what was thrown, in which line of which file, which may be one that the
 * module imports, and what to do. Never throws.
 */
export async function describeImportFailure(thrown: unknown, url: string): Promise<string> {
  const { message } = describeThrown(thrown);
  const stack = thrown instanceof Error ? (thrown.stack ?? "") : "";
  const place = placeOfSyntax(stack) ?? placeOfFrame(stack) ?? (await searchedPlace(thrown, url));
  return `${place === undefined ? message : `${message} (at ${place})`}. Correct that file, or what it imports.`;
}

/** Of a file of plain JavaScript that cannot be parsed, Node keeps the place to itself. */
async function searchedPlace(thrown: unknown, url: string): Promise<string | undefined> {
  if (!(thrown instanceof Error) || thrown.name !== "SyntaxError") return undefined;
  const { findSyntaxError } = await import("./find-syntax-error.ts");
  return placeOfSyntax(await findSyntaxError(url));
}

/**
 * What cannot be parsed has no frame of its own. Node puts the place before the stack: the file and line, then that line,
 * and below it a mark under the column.
 */
function placeOfSyntax(stack: string): string | undefined {
  const [head = "", ...lines] = stack.split("\n", 20);
  const [, file, line] = /^(file:\/\/.+|\/.+|[A-Za-z]:\\.+):(\d+)$/u.exec(head) ?? [];
  if (file === undefined || line === undefined) return undefined;
  const mark = lines.find((text) => /^\s*\^+\s*$/u.test(text));
  return `${pathOf(file)}:${line}${mark === undefined ? "" : `:${mark.indexOf("^") + 1}`}`;
}

/** The innermost frame in a file that is not of this package. */
function placeOfFrame(stack: string): string | undefined {
  // Asked for here: a bundle in CommonJS has no address at all, and has to load nevertheless.
  const ownFolder = fileURLToPath(new URL("../", import.meta.url));
  for (const [, file = "", line, column] of stack.matchAll(
    /^ +at (?:.*\()?(?:async )?(file:\/\/.+?|\/.+?|[A-Za-z]:\\.+?):(\d+):(\d+)\)?$/gmu,
  )) {
    const path = pathOf(file);
    if (!path.startsWith(ownFolder)) return `${path}:${line}:${column}`;
  }
  return undefined;
}

function pathOf(file: string): string {
  try {
    return file.startsWith("file:") ? fileURLToPath(file) : file;
  } catch {
    return file;
  }
}
