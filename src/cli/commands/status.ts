import { Command } from "commander";
import type { Cli } from "../cli.ts";
import { databaseOptions, runOnDatabase, type DatabaseFlags } from "../on-database.ts";

export function statusCommand(cli: Cli): Command {
  return databaseOptions(new Command("status"))
    .description("print the status of a task; with --json the whole task")
    .argument("<id>", "the id of the task")
    .action(async (id: string, flags: DatabaseFlags) => {
      cli.exitCode = await runOnDatabase(cli.terminal, flags, async (broker) => {
        const found = flags.json === true ? await broker.get(id) : await broker.status(id);
        if (found === undefined) return { kind: "refused", message: "Task is not found" };
        return { kind: "done", text: typeof found === "string" ? found : found.status, json: found };
      });
    });
}
