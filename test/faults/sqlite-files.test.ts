import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { dirname, join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { expectRefusal, MAY_MOUNT, mounted, type OnFile, openHere, openOnFile } from "../fixtures/faulty-database.ts";
import { until } from "../fixtures/told.ts";
import { testFault } from "../support/fault.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Resolves with the first warning, which has to come within a second though nobody calls. */
async function noticed({ warnings }: OnFile): Promise<string> {
  const since = performance.now();
  const message = await until("a warning", () => warnings[0]);
  expect(performance.now() - since).toBeLessThan(1_000);
  return message;
}

testFault(
  {
    area: "sqlite",
    fault: "file deleted under the Engine",
    injected: "`rm` of the file, its -wal and its -shm while a task runs and nobody calls",
    holds: "noticed within a second and said once; calls are refused with DATABASE_UNAVAILABLE, readiness is off",
  },
  async () => {
    const instance = await openOnFile();
    for (const suffix of ["", "-wal", "-shm"]) rmSync(instance.file + suffix);
    expect(await noticed(instance)).toContain("was deleted or moved");
    await expectRefusal(instance.stage3, "DATABASE_UNAVAILABLE");
    await expect(instance.stage3.broker.status(instance.running)).rejects.toMatchObject({
      code: "DATABASE_UNAVAILABLE",
    });
    expect(existsSync(instance.file)).toBe(false);
    expect(instance.warnings).toHaveLength(1);
  },
);

testFault(
  {
    area: "sqlite",
    fault: "file moved away and back",
    injected: "`mv` of the file to another name, and back after a task has ended",
    holds: "refused meanwhile; once it is back the task's outcome is written, and readiness is on",
  },
  async () => {
    const instance = await openOnFile();
    renameSync(instance.file, `${instance.file}.away`);
    await noticed(instance);
    instance.letGo();
    await expectRefusal(instance.stage3, "DATABASE_UNAVAILABLE");
    renameSync(`${instance.file}.away`, instance.file);
    await until("readiness", () => instance.stage3.isReady());
    await until("the outcome", async () => (await instance.stage3.broker.status(instance.running)) === "finished");
    await instance.stage3.broker.enqueue("default", "take", [""]);
  },
);

testFault(
  {
    area: "sqlite",
    fault: "file changed while it was away",
    injected: "`mv` of the file, a write into it under its other name, and `mv` back",
    holds: "refused until the instance is opened anew, since the log no longer fits the file",
  },
  async () => {
    const instance = await openOnFile();
    const away = join(temporaryFolder(), "away.db");
    renameSync(instance.file, away);
    await noticed(instance);
    // In another process: this one's SQLite would know it for the same file.
    const sql = "CREATE TABLE changed (x); PRAGMA wal_checkpoint";
    const script = `new (require("node:sqlite").DatabaseSync)(${JSON.stringify(away)}).exec("${sql}")`;
    execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", "-e", script]);
    renameSync(away, instance.file);
    await expectRefusal(instance.stage3, "DATABASE_UNAVAILABLE");
  },
);

testFault(
  {
    area: "sqlite",
    fault: "file replaced under the Engine",
    injected: "another database, in use by another instance, moved to the file's place with its log",
    holds: "noticed within a second; nothing is written to the other, whose log survives the end of the first",
  },
  async () => {
    const other = await openOnFile();
    const task = await other.stage3.broker.enqueue("default", "take", ["in the log"]);
    const instance = await openOnFile();
    for (const suffix of ["", "-wal", "-shm"]) renameSync(other.file + suffix, instance.file + suffix);
    expect(await noticed(instance)).toContain("was replaced by another file");
    await expectRefusal(instance.stage3, "DATABASE_UNAVAILABLE");
    await instance.stage3.kill();
    expect(existsSync(`${instance.file}-wal`)).toBe(true);
    await other.stage3.kill();
    const found = await openHere(instance.file);
    expect(await found.broker.status(task)).toBeDefined();
    expect(await found.broker.status(instance.running)).toBeUndefined();
  },
);

testFault(
  {
    area: "sqlite",
    fault: "log deleted under the Engine",
    injected: "`rm` of the -wal file",
    holds: "noticed within a second; a stop puts what was acknowledged into the file, which nobody else has written",
  },
  async () => {
    const instance = await openOnFile();
    const { broker } = instance.stage3;
    const ids = await Promise.all(Array.from({ length: 20 }, () => broker.enqueue("default", "hold", [])));
    rmSync(`${instance.file}-wal`);
    expect(await noticed(instance)).toContain("-wal was deleted or replaced");
    await expectRefusal(instance.stage3, "DATABASE_UNAVAILABLE");
    instance.letGo();
    await instance.stage3.stop();
    const anew = await openHere(instance.file);
    for (const id of ids) expect(await anew.broker.status(id)).toBeDefined();
  },
);

testFault(
  {
    area: "sqlite",
    fault: "file truncated under the Engine",
    injected: "`truncate` of the file to its first page",
    holds: "noticed within a second; calls are refused with DATABASE_CORRUPT, readiness is off",
  },
  async () => {
    const first = await openOnFile();
    first.letGo();
    await first.stage3.stop(); // All of it is in the file now, nothing in the log.
    const instance = await openOnFile(first.file);
    expect(statSync(instance.file).size).toBeGreaterThan(40_000);
    truncateSync(instance.file, 4_096);
    expect(await noticed(instance)).toContain("was cut short");
    await expectRefusal(instance.stage3, "DATABASE_CORRUPT");
  },
);

testFault(
  {
    area: "sqlite",
    fault: "file of another application, or none at all",
    injected: "open on another program's database, and on a text",
    holds: "refused with DATABASE_CORRUPT, and left as it was",
  },
  async () => {
    const folder = temporaryFolder();
    const database = new DatabaseSync(join(folder, "notes.db"));
    database.exec("CREATE TABLE notes (x)");
    database.close();
    writeFileSync(join(folder, "letter.txt"), "Dear reader, ".repeat(1_000));
    for (const file of [join(folder, "notes.db"), join(folder, "letter.txt")]) {
      const before = readFileSync(file);
      await expect(openHere(file)).rejects.toMatchObject({ code: "DATABASE_CORRUPT" });
      expect(readFileSync(file).equals(before)).toBe(true);
    }
  },
);

testFault(
  {
    area: "sqlite",
    fault: "file made read-only",
    injected: MAY_MOUNT
      ? "open through a mount that is read-only"
      : "open of a file and a folder without write permission",
    holds: "open or the first call is refused with DATABASE_UNAVAILABLE",
  },
  async () => {
    const first = await openOnFile();
    first.letGo();
    await first.stage3.stop();
    const folder = readOnly(dirname(first.file));
    const tried = openHere(join(folder, "queue.db")).then((stage3) => stage3.broker.enqueue("default", "take", [""]));
    await expect(tried).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  },
);

function readOnly(folder: string): string {
  if (MAY_MOUNT) {
    const mount = mounted("--bind", folder);
    execFileSync("mount", ["-o", "remount,ro,bind", mount]);
    return mount;
  }
  chmodSync(join(folder, "queue.db"), 0o444);
  chmodSync(folder, 0o555);
  onTestFinished(() => chmodSync(folder, 0o755));
  return folder;
}
