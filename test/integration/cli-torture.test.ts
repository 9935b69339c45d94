import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { markedProcesses } from "../../proof/processes/marked-processes.ts";
import { goneAfterMs } from "../fixtures/liveness.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { CliProcess, runCli } from "./cli-process.ts";

/** Rounds, a worker of which is stalled by now: each database begins with that. */
async function stalledRounds(folder: string): Promise<{ cli: CliProcess; pids: readonly number[] }> {
  const args = [
    "torture",
    "--rounds",
    "1000",
    "--seed",
    "7",
    "--database",
    `sqlite:${join(folder, "new", "queue.db")}`,
  ];
  const cli = await CliProcess.start(args, { folder });
  await cli.line(/^Seed 7, 1000 rounds with real processes; databases in /u);
  for (;;) {
    const pids = markedProcesses(folder);
    if (pids.some(isStopped)) return { cli, pids };
    await delay(10);
  }
}

function isStopped(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
  } catch {
    return false; // it has ended meanwhile
  }
}

describe("torture", () => {
  it("breaks simulated and real workers, reports, and leaves nothing behind", async () => {
    const folder = temporaryFolder();
    const database = `sqlite:${join(folder, "queue.db")}`;
    const args = ["torture", "--minutes", "0.05", "--seed", "7", "--database", database];
    const { code, stdout, stderr } = await runCli(args, { folder });
    expect(stderr).toMatch(/^Seed 7, about 0\.05 min; databases in .*stage3queue-torture-/);
    expect(stdout).toMatch(/Simulated: \d+ runs? .*\n.* 0 lost, 0 unexpected/);
    expect(stdout).toMatch(/Real processes: \d+ rounds?, .*\n.* 0 lost, 0 unexpected/);
    expect(stdout).toMatch(/No promise was broken\.$/);
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  }, 60_000);

  it.each([
    [["--minutes", "0"], /A number of more than 0/],
    [["--minutes", "soon"], /A number of more than 0/],
    [["--minutes", "20000"], /at most 10000/],
    [["--rounds", "9", "--minutes", "1"], /'--rounds <number>' cannot be used with option '--minutes <number>'/],
    [["--seed", "-1"], /A whole number from 0/],
  ])("refuses %j", async (flags, message) => {
    const { code, stderr } = await runCli(["torture", ...flags], { folder: temporaryFolder() });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  // Where there is no /proc, nobody can tell which process is stopped.
  it.runIf(process.platform === "linux")("leaves nothing behind on Ctrl-C, and reports", async () => {
    const folder = temporaryFolder();
    const { cli, pids } = await stalledRounds(folder);
    cli.kill("SIGINT");
    expect(await cli.exit).toBe(130);
    expect(await goneAfterMs(pids)).toBeLessThan(1_000);
    expect(readdirSync(folder)).toEqual([]);
    const report = cli.stdout.join("\n");
    expect(report).toMatch(/^Real processes: \d+ rounds?[^]*0 lost, 0 unexpected/u);
    expect(report).toMatch(/Not tried in that time: [^]*\nBroken off by SIGINT: /u);
  });

  it("reports what it has simulated when it is asked to stop", async () => {
    const folder = temporaryFolder();
    const cli = await CliProcess.start(["torture", "--minutes", "5"], { folder });
    await cli.line(/^Seed \d+, about 5 min; databases in /u);
    cli.kill("SIGTERM");
    expect(await cli.exit).toBe(143);
    expect(cli.stdout.join("\n")).toMatch(
      /\nNot tried in that time: [^]*\nBroken off by SIGTERM\.\nNothing was found broken so far\.$/u,
    );
  });

  it.runIf(process.platform === "linux")("takes its workers along when it is killed, stalled ones too", async () => {
    const { cli, pids } = await stalledRounds(temporaryFolder());
    cli.kill("SIGKILL");
    await expect(cli.exit).rejects.toThrow("SIGKILL");
    expect(await goneAfterMs(pids)).toBeLessThan(1_000);
  });

  it("refuses a file as the folder of a database", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    const { code, stderr } = await runCli(["torture", "--database", "sqlite:file/x.db"], { folder });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `The folder ${join(folder, "file")} cannot be made; make it yourself, or name another file in \`database\`.`,
    );
  });

  it("refuses a database that this version does not offer", async () => {
    const args = ["torture", "--database", "postgres://localhost/queue", "--json"];
    const { code, stderr } = await runCli(args, { folder: temporaryFolder() });
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ code: "INVALID_OPTION", status: "error" });
  });
});
