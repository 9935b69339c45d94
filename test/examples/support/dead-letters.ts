import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { command, type ExampleServer } from "./example-server.ts";

const run = promisify(execFile);

/** The failures of a task in the dead-letter queue, asked for on the command line beside the running server. */
export async function failuresOf(server: ExampleServer, id: string): Promise<unknown> {
  const args = [command, "dlq", "list", "--json", "--database", server.database];
  const { stdout } = await run(process.execPath, args, { cwd: server.folder });
  const tasks = JSON.parse(stdout) as { id: string; failures: unknown }[];
  return tasks.find((task) => task.id === id)?.failures;
}
