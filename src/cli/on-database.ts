import type { Command } from "commander";
import type { Broker } from "../broker/broker.ts";
import { Stage3Queue } from "../broker/stage3queue.ts";
import { loadConfig } from "./config.ts";
import { printOutcome, type Outcome } from "./outcome.ts";
import type { Terminal } from "./terminal.ts";

/** What every command that acts on the database directly takes. */
export interface DatabaseFlags {
  readonly config?: string;
  readonly database?: string;
  readonly json?: boolean;
}

export function databaseOptions(command: Command): Command {
  return command
    .option(
      "--config <file>",
      "the configuration (stage3queue.config.{ts,mts,js,mjs} in this folder where none is given)",
    )
    .option("--database <url>", "the database, instead of the configuration's")
    .option("--json", "print JSON, errors too");
}

/** Opens the database without running tasks, does `work`, closes it again, and answers with the exit code. */
export function runOnDatabase(
  terminal: Terminal,
  flags: DatabaseFlags,
  work: (broker: Broker) => Promise<Outcome>,
): Promise<number> {
  return printOutcome(terminal, flags.json === true, async () => {
    const { options } = await loadConfig(terminal, flags);
    const stage3 = await Stage3Queue.open(options);
    try {
      return await work(stage3.broker);
    } finally {
      await stage3.stop();
    }
  });
}
