import { Command } from "commander";
import type { QueueCounts } from "../../broker/broker.ts";
import type { Cli } from "../cli.ts";
import { oneLine } from "../message-of.ts";
import { databaseOptions, runOnDatabase, type DatabaseFlags } from "../on-database.ts";
import { formatTable } from "../table.ts";

export function queuesCommand(cli: Cli): Command {
  return databaseOptions(new Command("queues"))
    .description("print every topic and how many of its tasks are where")
    .action(async (flags: DatabaseFlags) => {
      cli.exitCode = await runOnDatabase(cli.terminal, flags, async (broker) => {
        const queues = await broker.queues();
        return { kind: "done", text: toText(queues), json: queues };
      });
    });
}

function toText(queues: readonly QueueCounts[]): string {
  if (queues.length === 0) return "No topic is registered yet; a worker registers its topics when it starts.";
  return formatTable([
    ["TOPIC", "QUEUED", "RUNNING", "FINISHED", "DEAD-LETTER", "ABORTED"],
    ...queues.map((queue) => [
      oneLine(queue.topic),
      String(queue.queued),
      String(queue.running),
      String(queue.finished),
      String(queue.inDeadLetterQueue),
      String(queue.aborted),
    ]),
  ]);
}
