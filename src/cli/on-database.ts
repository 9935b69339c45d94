import { existsSync } from "node:fs";
import type { Command } from "commander";
import type { Broker } from "../broker/broker.ts";
import { Stage3Queue } from "../broker/stage3queue.ts";
import { type Config, loadConfig } from "./config.ts";
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

/**
 * Opens a database that there is without running tasks, does `work`, closes it again, and answers with the exit code.
 * What only asks for tasks or acts on them makes no database: in a new one it would find none.
 */
export function runOnDatabase(
  terminal: Terminal,
  flags: DatabaseFlags,
  work: (broker: Broker) => Promise<Outcome>,
): Promise<number> {
  return printOutcome(terminal, flags.json === true, async () => {
    const config = await loadConfig(terminal, flags);
    const { database } = config;
    if (database.kind === "sqlite" && !existsSync(database.file)) {
      return {
        kind: "refused",
        message:
          `There is no database ${database.file}. It is made when a worker starts or a task is enqueued; name another ` +
          "one with --database or in the configuration.",
      };
    }
    return withBroker(config, work);
  });
}

/** As {@link runOnDatabase}, but makes the database where there is none. */
export function runOnAnyDatabase(
  terminal: Terminal,
  flags: DatabaseFlags,
  work: (broker: Broker) => Promise<Outcome>,
): Promise<number> {
  return printOutcome(terminal, flags.json === true, async () => withBroker(await loadConfig(terminal, flags), work));
}

async function withBroker({ options }: Config, work: (broker: Broker) => Promise<Outcome>): Promise<Outcome> {
  const stage3 = await Stage3Queue.open(options);
  try {
    return await work(stage3.broker);
  } finally {
    await stage3.stop();
  }
}
