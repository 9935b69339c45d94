import type { EnqueueOptions } from "../../core/options/settings.ts";
import { readStoredOptions } from "../../core/options/stored.ts";
import { isReadable } from "./readable.ts";
import { optionalText, text, type Row } from "./row.ts";

/** What a handler is called with. */
export interface Work {
  readonly args: string;
  readonly options: EnqueueOptions;
  /** Why the row does not tell that; the rest is then made up. */
  readonly unreadable?: string;
}

const NO_ARGS = "[]";

/** A task's arguments, wherever they are kept. */
export const ARGS_COLUMN: string = `
      coalesce(args, (SELECT long_args.args FROM long_args WHERE long_args.task = tasks.key)) AS args`;

export const WORK_COLUMNS: string = `
      options, ${isReadable("attempt")} AND ${isReadable("epoch")} AS is_counted,${ARGS_COLUMN}`;

export function readWork(row: Row): Work {
  const options = readStoredOptions(optionalText(row, "options"));
  if (row["is_counted"] === 0) {
    return { args: NO_ARGS, options, unreadable: "The number of its attempt is beyond what can be counted." };
  }
  if (row["args"] === null) return { args: NO_ARGS, options, unreadable: "Its arguments are not in the database." };
  return { args: text(row, "args"), options };
}

/** The arguments as far as they can be shown. */
export function readArgs(row: Row): string {
  return optionalText(row, "args") ?? NO_ARGS;
}
