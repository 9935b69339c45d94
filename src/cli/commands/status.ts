import { Command } from "commander";
import type { Cli } from "../cli.ts";
import { databaseOptions, runOnDatabase, type DatabaseFlags } from "../on-database.ts";

export function statusCommand(cli: Cli): Command {
  return databaseOptions(new Command("status"))
    .description("print the status of a task")
    .argument("<id>", "the id of the task")
    .action(async (id: string, flags: DatabaseFlags) => {
      cli.exitCode = await runOnDatabase(cli.terminal, flags, async (broker) => {
        const status = await broker.status(id);
        if (status === undefined) return { kind: "refused", message: "Task is not found" };
        return { kind: "done", text: status, json: { id, status } };
      });
    });
}
