import { Command } from "commander";
import { abortOutcome } from "../../http/abort-outcome.ts";
import type { Cli } from "../cli.ts";
import { databaseOptions, runOnDatabase, type DatabaseFlags } from "../on-database.ts";

export function abortCommand(cli: Cli): Command {
  return databaseOptions(new Command("abort"))
    .description("stop a task for good, wherever it waits or runs")
    .argument("<id>", "the id of the task")
    .action(async (id: string, flags: DatabaseFlags) => {
      cli.exitCode = await runOnDatabase(cli.terminal, flags, async (broker) => {
        const outcome = await abortOutcome(broker, id);
        switch (outcome.kind) {
          case "aborted":
            return { kind: "done", text: "Task aborted", json: { id, status: "aborted" } };
          case "notFound":
            return { kind: "refused", message: "Task is not found" };
          case "ended":
            return { kind: "refused", message: outcome.message };
        }
      });
    });
}
