import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { packageRoot } from "../core/package-root.ts";
import type { Cli } from "./cli.ts";
import { abortCommand } from "./commands/abort.ts";
import { dlqCommand } from "./commands/dlq.ts";
import { enqueueCommand } from "./commands/enqueue.ts";
import { queuesCommand } from "./commands/queues.ts";
import { startCommand } from "./commands/start.ts";
import { statusCommand } from "./commands/status.ts";
import { tortureCommand } from "./commands/torture.ts";
import { processTerminal, type Terminal } from "./terminal.ts";

/** For wrong usage; 1 is for what was refused, was not found, or failed. */
const USAGE_ERROR = 2;

/** Runs `stage3queue` with these arguments and answers with the exit code. */
export async function main(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const cli: Cli = { terminal, exitCode: 0 };
  try {
    await createProgram(cli).parseAsync(args, { from: "user" });
    return cli.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : USAGE_ERROR;
  }
}

function createProgram(cli: Cli): Command {
  const program = new Command("stage3queue")
    .description("A task queue for Node. All commands but start and torture act on the database directly.")
    .version(version());
  const commands = [
    startCommand(cli),
    enqueueCommand(cli),
    statusCommand(cli),
    abortCommand(cli),
    queuesCommand(cli),
    dlqCommand(cli),
    tortureCommand(cli),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of withSubcommands(program)) prepare(command, cli.terminal);
  return program;
}

/** A command that was added does not inherit these settings. */
function prepare(command: Command, terminal: Terminal): void {
  command
    .exitOverride()
    .allowExcessArguments(false)
    .showHelpAfterError(`(${fullNameOf(command)} --help tells more)`)
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.error(text.trimEnd()),
    });
}

/** As it is typed: a subcommand after the commands that it belongs to. */
function fullNameOf(command: Command): string {
  return command.parent === null ? command.name() : `${fullNameOf(command.parent)} ${command.name()}`;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap((subcommand) => withSubcommands(subcommand))];
}

function version(): string {
  const text = readFileSync(new URL("package.json", packageRoot()), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
