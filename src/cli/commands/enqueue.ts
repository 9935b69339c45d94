import { Command, InvalidArgumentError } from "commander";
import type { Cli } from "../cli.ts";
import { databaseOptions, runOnDatabase, type DatabaseFlags } from "../on-database.ts";

interface EnqueueFlags extends DatabaseFlags {
  readonly priority?: number;
}

export function enqueueCommand(cli: Cli): Command {
  return databaseOptions(new Command("enqueue"))
    .description("store a task and print its id")
    .argument("<topic>", "the queue")
    .argument("<function>", "the name of the function that runs")
    .argument("[args_json]", "its arguments, a JSON array", parseArguments, [])
    .option("--priority <n>", "1 (the most urgent) to 10", parseNumber)
    .action(async (...[topic, functionName, args, flags]: [string, string, unknown[], EnqueueFlags]) => {
      const { priority } = flags;
      cli.exitCode = await runOnDatabase(cli.terminal, flags, async (broker) => {
        const id = await broker.enqueue(topic, functionName, args, priority === undefined ? {} : { priority });
        return { kind: "done", text: id, json: { id } };
      });
    });
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

function parseNumber(text: string): number {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError("It must be a number.");
  return Number(text);
}
