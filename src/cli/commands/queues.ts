import { Command } from "commander";
import type { QueueCounts } from "../../broker/queue-counts.ts";
import { systemClock } from "../../core/clock.ts";
import type { Cli } from "../cli.ts";
import { oneLine } from "../message-of.ts";
import { databaseOptions, runOnDatabase, type DatabaseFlags } from "../on-database.ts";
import { formatTable } from "../table.ts";

export function queuesCommand(cli: Cli): Command {
  return databaseOptions(new Command("queues"))
    .description("print every topic with the number of its tasks in each state")
    .action(async (flags: DatabaseFlags) => {
      cli.exitCode = await runOnDatabase(cli.terminal, flags, async (broker) => {
        const queues = await broker.queues();
        return { kind: "done", text: toText(queues), json: queues };
      });
    });
}

function toText(queues: readonly QueueCounts[]): string {
  if (queues.length === 0) return "No topic has tasks or settings, and none was registered by a worker.";
  return formatTable([HEAD, ...queues.map(toRow)]);
}

const HEAD = [
  "TOPIC",
  "QUEUED",
  "DELAYED",
  "UNCLAIMABLE",
  "OLDEST",
  "RUNNING",
  "FINISHED",
  "DEAD-LETTER",
  "ABORTED",
] as const;

function toRow(queue: QueueCounts): string[] {
  return [
    oneLine(queue.topic),
    String(queue.queued),
    String(queue.delayed),
    String(queue.unclaimable),
    queue.oldestQueuedAt === undefined ? "-" : showAge(systemClock.now() - queue.oldestQueuedAt.getTime()),
    String(queue.running),
    String(queue.finished),
    String(queue.inDeadLetterQueue),
    String(queue.aborted),
  ];
}

const UNITS = [
  { name: "d", seconds: 86_400 },
  { name: "h", seconds: 3_600 },
  { name: "m", seconds: 60 },
] as const;

/** A time as its largest unit, rounded down, such as "3m" or "2d". */
function showAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const unit = UNITS.find((larger) => seconds >= larger.seconds);
  return unit === undefined ? `${seconds}s` : `${Math.floor(seconds / unit.seconds)}${unit.name}`;
}
