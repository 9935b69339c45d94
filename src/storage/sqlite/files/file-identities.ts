import { type Stats, statSync } from "node:fs";

/** Which files are at the paths of a database, of its log, and of the log's index. */
export interface FileIdentities {
  readonly database: string;
  readonly log: string;
  readonly index: string;
}

export function identitiesOf(path: string): FileIdentities {
  return {
    database: identityOf(statOf(path)),
    log: identityOf(statOf(logOf(path))),
    index: identityOf(statOf(indexOf(path))),
  };
}

export function isSame(a: FileIdentities, b: FileIdentities): boolean {
  return a.database === b.database && a.log === b.log && a.index === b.index;
}

/** What SQLite writes first, until it takes it into the file. */
export function logOf(path: string): string {
  return `${path}-wal`;
}

/** Where to find which page in the log: memory that all processes share. */
export function indexOf(path: string): string {
  return `${path}-shm`;
}

/** Undefined also where the way to it is closed: what cannot be reached is not at its place. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Empty where there is no file. */
export function identityOf(stats: Stats | undefined): string {
  return stats === undefined ? "" : `${stats.dev}:${stats.ino}`;
}
