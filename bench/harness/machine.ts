import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BYTES_PER_GIB = 2 ** 30;

/** What the figures depend on, as lines of a list. */
export function describeMachine(folder: string): string[] {
  return [
    `- Processor: ${cpus()[0]?.model.trim() ?? "unknown"}, ${availableParallelism()} cores`,
    `- Memory: ${Math.round(totalmem() / BYTES_PER_GIB)} GiB`,
    `- System: ${type()} ${release()}`,
    `- Node ${process.versions.node}, SQLite ${process.versions["sqlite"] ?? "unknown"}`,
    `- File system of the databases: ${fileSystemOf(folder)}`,
    `- Commit: ${commit()}`,
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
  ];
}

/** An fsync on a file system in memory costs nothing, so the name belongs beside the figures. */
function fileSystemOf(folder: string): string {
  let mounts: string[][];
  try {
    mounts = readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" "));
  } catch {
    return "unknown";
  }
  const isWithin = (point: string): boolean => folder === point || folder.startsWith(point === "/" ? "/" : `${point}/`);
  const within = mounts.filter(([, point]) => point !== undefined && isWithin(point));
  const [nearest] = within.toSorted(([, left = ""], [, right = ""]) => right.length - left.length);
  return nearest?.[2] ?? "unknown";
}

function commit(): string {
  try {
    const git = (...args: string[]): string => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
    const changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "bench") !== "";
    return `${git("rev-parse", "--short", "HEAD")}${changed ? ", with changes" : ""}`;
  } catch {
    return "unknown";
  }
}
