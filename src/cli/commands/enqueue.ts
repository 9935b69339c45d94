import { Command, InvalidArgumentError } from "commander";
import type { TaskOptions } from "../../core/options/types.ts";
import type { Cli } from "../cli.ts";
import { databaseOptions, runOnAnyDatabase, type DatabaseFlags } from "../on-database.ts";
import { optionFlags } from "../option-flags.ts";

/** The options of `broker.enqueue`, each a flag, and those of every command. */
interface EnqueueFlags extends DatabaseFlags, TaskOptions {}

export function enqueueCommand(cli: Cli): Command {
  const command = databaseOptions(new Command("enqueue"))
    .description("store a task and print its id")
    .argument("<topic>", "the queue")
    .argument("<function>", "the name of the function that runs")
    .argument("[args_json]", "its arguments, a JSON array", parseArguments, [])
    .action(async (...[topic, functionName, args, flags]: [string, string, unknown[], EnqueueFlags]) => {
      // The rest are the task's options, and only those that were given.
      const { config: _config, database: _database, json: _json, ...options } = flags;
      cli.exitCode = await runOnAnyDatabase(cli.terminal, flags, async (broker) => {
        const id = await broker.enqueue(topic, functionName, args, options);
        return { kind: "done", text: id, json: { id } };
      });
    });
  for (const option of optionFlags()) command.addOption(option);
  return command;
}

function parseArguments(text: string): unknown[] {
  let args: unknown;
  try {
    args = JSON.parse(text);
  } catch {
    throw new InvalidArgumentError("It is not valid JSON.");
  }
  if (!Array.isArray(args)) throw new InvalidArgumentError('It must be a JSON array, such as ["a@example.com", 3].');
  return args as unknown[];
}
