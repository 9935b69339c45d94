import process from "node:process";

/** The environment that a command was started in. */
export interface Terminal {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Writes a line to stdout. */
  out(line: string): void;
  /** Writes a line to stderr. */
  error(line: string): void;
}

/** The environment of this process. A reader that has gone away (`| head`) does not end the command. */
export function processTerminal(): Terminal {
  const streams = [process.stdout, process.stderr];
  for (const stream of streams) {
    if (stream.listenerCount("error", ignoreBrokenPipe) === 0) stream.on("error", ignoreBrokenPipe);
  }
  return {
    folder: process.cwd(),
    environment: process.env,
    out: (line) => void process.stdout.write(`${line}\n`),
    error: (line) => void process.stderr.write(`${line}\n`),
  };
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
