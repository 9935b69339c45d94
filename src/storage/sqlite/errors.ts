import { Stage3Error } from "../../core/errors.ts";
import { StorageBusy } from "../port.ts";
import { UnreadableRow } from "./row.ts";

/** The primary result codes of SQLite that matter here: https://sqlite.org/rescode.html */
const CODE = {
  PERM: 3,
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  TOOBIG: 18,
  CONSTRAINT: 19,
  MISMATCH: 20,
  RANGE: 25,
  NOTADB: 26,
} as const;

/** The extended result code without what extends it, or undefined where the error is none of SQLite's. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

/** Whether somebody else held a lock, so that the same may succeed a little later. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === CODE.BUSY || code === CODE.LOCKED;
}

/** Whether the fault lies in the values of one operation, so that the others of its turn can be stored. */
export function isFaultOfOperation(error: unknown): boolean {
  if (error instanceof Stage3Error || error instanceof UnreadableRow) return true;
  if (error instanceof TypeError || error instanceof RangeError) return true;
  const code = sqliteCode(error);
  return code === CODE.TOOBIG || code === CODE.CONSTRAINT || code === CODE.MISMATCH || code === CODE.RANGE;
}

/** What the caller of an operation gets that could not be stored. */
export function toOperationError(error: unknown): Error {
  if (error instanceof Stage3Error) return error;
  if (error instanceof UnreadableRow) return unreadable(error);
  const reason = error instanceof Error ? error.message : String(error);
  return new Stage3Error("INVALID_ARGS", `The database takes no such value: ${reason}.`, { cause: error });
}

/** What is thrown out of this folder in place of an error of the driver; `file` is the database's path. */
export function toStorageError(error: unknown, file: string): Error {
  if (error instanceof Stage3Error || error instanceof StorageBusy) return error;
  if (error instanceof UnreadableRow) return unreadable(error);
  const cause = { cause: error };
  switch (sqliteCode(error)) {
    case CODE.BUSY:
    case CODE.LOCKED:
      return new StorageBusy("The database is locked by another connection.", cause);
    case CODE.FULL:
      return new Stage3Error(
        "DATABASE_FULL",
        `There is no room left for the database ${file}; free some, then try again.`,
        cause,
      );
    case CODE.CORRUPT:
    case CODE.NOTADB:
      return new Stage3Error(
        "DATABASE_CORRUPT",
        `The database file ${file} is damaged or no database; restore it from a backup, or name another file.`,
        cause,
      );
    case CODE.CANTOPEN:
    case CODE.IOERR:
    case CODE.READONLY:
    case CODE.PERM:
      return unavailable(file, error);
    default:
      return isOfSystem(error) ? unavailable(file, error) : toError(error);
  }
}

/** Whether Node could not open or read a file, as where too many are open. */
function isOfSystem(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function unavailable(file: string, cause: unknown): Stage3Error {
  const message = `The database file ${file} cannot be read and written; check that its folder exists and allows it.`;
  return new Stage3Error("DATABASE_UNAVAILABLE", message, { cause });
}

function unreadable(error: UnreadableRow): Stage3Error {
  return new Stage3Error("TASK_UNREADABLE", `The database holds what cannot be read. ${error.message}`, {
    cause: error,
  });
}
