import { Command, InvalidArgumentError } from "commander";
import type { Task } from "../../core/task.ts";
import type { Cli } from "../cli.ts";
import { oneLine } from "../message-of.ts";
import { databaseOptions, runOnDatabase, type DatabaseFlags } from "../on-database.ts";
import { formatTable } from "../table.ts";

interface ListFlags extends DatabaseFlags {
  readonly topic?: string;
  readonly limit?: number;
  readonly after?: string;
}

const NOT_FOUND = "Task is not in the dead-letter queue";

export function dlqCommand(cli: Cli): Command {
  return new Command("dlq")
    .description("look after the tasks that used up their restarts")
    .addCommand(listCommand(cli))
    .addCommand(requeueCommand(cli))
    .addCommand(discardCommand(cli));
}

function listCommand(cli: Cli): Command {
  return databaseOptions(new Command("list"))
    .description("print the tasks in the dead-letter queue, newest first")
    .option("--topic <topic>", "only those of this queue")
    .option("--limit <n>", "how many at most (100 where none is given)", parseCount)
    .option("--after <id>", "the last id of the page before")
    .action(async (flags: ListFlags) => {
      const { topic, limit, after } = flags;
      cli.exitCode = await runOnDatabase(cli.terminal, flags, async (broker) => {
        const tasks = await broker.dlq.list({
          ...(topic === undefined ? {} : { topic }),
          ...(limit === undefined ? {} : { limit }),
          ...(after === undefined ? {} : { after }),
        });
        return { kind: "done", text: toText(tasks), json: tasks };
      });
    });
}

function requeueCommand(cli: Cli): Command {
  return databaseOptions(new Command("requeue"))
    .description("queue a task again, its restarts counted from 0")
    .argument("<id>", "the id of the task")
    .action(async (id: string, flags: DatabaseFlags) => {
      cli.exitCode = await runOnDatabase(cli.terminal, flags, async (broker) => {
        if (!(await broker.dlq.requeue(id))) return { kind: "refused", message: NOT_FOUND };
        return { kind: "done", text: "Task queued again", json: { id, status: "queued" } };
      });
    });
}

function discardCommand(cli: Cli): Command {
  return databaseOptions(new Command("discard"))
    .description("remove a task for good")
    .argument("<id>", "the id of the task")
    .action(async (id: string, flags: DatabaseFlags) => {
      cli.exitCode = await runOnDatabase(cli.terminal, flags, async (broker) => {
        if (!(await broker.dlq.discard(id))) return { kind: "refused", message: NOT_FOUND };
        return { kind: "done", text: "Task discarded", json: { id, status: "discarded" } };
      });
    });
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

function toText(tasks: readonly Task[]): string {
  if (tasks.length === 0) return "";
  return formatTable([["ID", "TOPIC", "FUNCTION", "ENDED", "LAST FAILURE"], ...tasks.map((task) => toRow(task))]);
}

function toRow(task: Task): string[] {
  const failure = task.failures.at(-1);
  return [
    task.id,
    oneLine(task.topic),
    oneLine(task.function),
    task.endedAt?.toISOString() ?? "",
    failure === undefined ? "" : `${failure.code}: ${shorten(oneLine(failure.message))}`,
  ];
}

const LONGEST_MESSAGE = 100;

function shorten(text: string): string {
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE).toWellFormed()}…` : text;
}
