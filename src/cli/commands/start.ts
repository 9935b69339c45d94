import { Command, InvalidArgumentError } from "commander";
import type { Cli } from "../cli.ts";
import { runQueue } from "../run-queue.ts";

interface StartFlags {
  readonly config?: string;
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly http: boolean;
  readonly work: boolean;
}

export function startCommand(cli: Cli): Command {
  return new Command("start")
    .description("run tasks and serve the REST API until SIGTERM or SIGINT")
    .option(
      "--config <file>",
      "the configuration (stage3queue.config.{ts,mts,js,mjs} in this folder where none is given)",
    )
    .option("--host <host>", "what to listen on")
    .option("--port <n>", "the port to listen on; 0: a free one", parsePort)
    .option("--database <url>", "sqlite:FILE or memory:")
    .option("--no-http", "only run tasks")
    .option("--no-work", "only serve the REST API")
    .action(async (flags: StartFlags, command: Command) => {
      if (!flags.http && !flags.work) command.error("error: with --no-http and --no-work nothing is left to do");
      cli.exitCode = await runQueue(cli.terminal, flags);
    });
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
  return port;
}
