import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * What this process holds open, each in words: regular files (a database that was not closed) and listening sockets,
 * also those that do not keep the process alive. Empty where there is no /proc.
 */
export function openFiles(): string[] {
  const targets = descriptors();
  const inodes = targets.flatMap((target) => /^socket:\[(\d+)\]$/u.exec(target)?.[1] ?? []);
  learn(inodes);
  const sockets = inodes.flatMap((inode) => known.get(inode) ?? []);
  return [...targets.flatMap(regularFile), ...sockets.map((where) => `listening socket ${where}`)];
}

/** Where each socket listens that has been seen; undefined: it does not. Reading the tables takes milliseconds. */
const known = new Map<string, string | undefined>();

function learn(inodes: readonly string[]): void {
  if (inodes.every((inode) => known.has(inode))) return;
  const listening = listeningSockets();
  known.clear();
  for (const inode of inodes) known.set(inode, listening.get(inode));
}

function regularFile(target: string): string[] {
  return target.startsWith("/") && !/^\/(dev|proc|sys|memfd:)/u.test(target) && !target.includes("/node_modules/")
    ? [`open file ${target}`]
    : [];
}

function descriptors(): string[] {
  try {
    return readdirSync("/proc/self/fd").flatMap(linkOf);
  } catch {
    return [];
  }
}

/** The descriptor that lists the folder is itself in the list, and gone afterwards. */
function linkOf(descriptor: string): string[] {
  try {
    return [readlinkSync(`/proc/self/fd/${descriptor}`)];
  } catch {
    return [];
  }
}

/** The inodes of all listening sockets of this network namespace, and where they listen. */
function listeningSockets(): Map<string, string> {
  const listening = new Map<string, string>();
  for (const table of ["tcp", "tcp6"]) {
    for (const columns of rowsOf(table)) {
      const [, address = "", , state, , , , , , inode = ""] = columns;
      if (state === "0A") listening.set(inode, `on port ${Number.parseInt(address.split(":")[1] ?? "", 16)}`);
    }
  }
  for (const columns of rowsOf("unix")) {
    const [, , , flags, , , inode = "", path = "unnamed"] = columns;
    if (flags === "00010000") listening.set(inode, `at ${path}`);
  }
  return listening;
}

function rowsOf(table: string): string[][] {
  try {
    const [, ...lines] = readFileSync(`/proc/self/net/${table}`, "utf8").trimEnd().split("\n");
    return lines.map((line) => line.trim().split(/\s+/u));
  } catch {
    return [];
  }
}
