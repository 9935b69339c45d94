import type { Terminal } from "../../../src/cli/terminal.ts";

/** A terminal that keeps what is written to it. */
export function recordingTerminal(
  folder = "/",
  environment: Readonly<Record<string, string>> = {},
): Terminal & { outLines: string[]; errorLines: string[] } {
  const outLines: string[] = [];
  const errorLines: string[] = [];
  return {
    folder,
    environment,
    outLines,
    errorLines,
    out: (line) => void outLines.push(line),
    error: (line) => void errorLines.push(line),
  };
}
