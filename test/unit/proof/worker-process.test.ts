import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Guard } from "../../../proof/processes/guard.ts";
import { HistoryFile, readNotes } from "../../../proof/processes/history-file.ts";
import { WorkerProcess } from "../../../proof/processes/worker-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("a process that the system does not start has ended, and is never ready", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "history");
  const history = new HistoryFile(file);
  const guard = new Guard();
  const { execPath } = process;
  onTestFinished(() => {
    process.execPath = execPath;
    history.close();
    return guard.close();
  });
  process.execPath = join(folder, "no-such-program");
  const place = { worker: "worker 1", number: 1, history: file };
  const settings = { form: "whole", database: "memory:", options: {}, place, seed: 1 } as const;
  const worker = new WorkerProcess(settings, { history, cache: folder, guard });
  expect(worker.isStarted).toBe(false);
  expect(await worker.ready).toBe(false);
  expect(await worker.ended).toEqual({ code: null, signal: null });
  expect(readNotes(file)).toMatchObject([{ event: "started" }, { event: "crashed" }]);
});
