import type { Terminal } from "./terminal.ts";

/** One run of the command. Its subcommands set the exit code. */
export interface Cli {
  readonly terminal: Terminal;
  exitCode: number;
}
