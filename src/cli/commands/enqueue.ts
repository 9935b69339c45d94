import { Command, InvalidArgumentError } from "commander";
import type { TaskOptions } from "../../core/options/settings.ts";
import type { Cli } from "../cli.ts";
import { databaseOptions, runOnAnyDatabase, type DatabaseFlags } from "../on-database.ts";

/** The options of `broker.enqueue`, each a flag, and those of every command. */
interface EnqueueFlags extends DatabaseFlags, TaskOptions {}

export function enqueueCommand(cli: Cli): Command {
  return databaseOptions(new Command("enqueue"))
    .description("store a task and print its id")
    .argument("<topic>", "the queue")
    .argument("<function>", "the name of the function that runs")
    .argument("[args_json]", "its arguments, a JSON array", parseArguments, [])
    .option("--priority <n>", "1 (the most urgent) to 10", parseNumber)
    .option("--timeout <duration>", "how long one attempt may run, such as 30s or 5m", parseDuration)
    .option("--abort-grace <duration>", "how long an aborted attempt may take to obey its signal", parseDuration)
    .option("--max-restarts <n>", "restarts (retries) after the first attempt", parseNumber)
    .option("--max-backoff <duration>", "the longest wait before a restart; 0: no wait", parseDuration)
    .option(
      "--idempotency-key <key>",
      "makes it safe to repeat: the same key and content give the same id for 24 hours",
    )
    .action(async (...[topic, functionName, args, flags]: [string, string, unknown[], EnqueueFlags]) => {
      // The rest are the task's options, and only those that were given.
      const { config: _config, database: _database, json: _json, ...options } = flags;
      cli.exitCode = await runOnAnyDatabase(cli.terminal, flags, async (broker) => {
        const id = await broker.enqueue(topic, functionName, args, options);
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

/** Milliseconds where it is a number; a text with a unit is judged by the broker. */
function parseDuration(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}
