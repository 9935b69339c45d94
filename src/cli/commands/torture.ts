import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { parseDatabaseUrl } from "../../core/database-url.ts";
import { systemRandom } from "../../core/random.ts";
import type { Cli } from "../cli.ts";
import { printOutcome } from "../outcome.ts";

interface TortureFlags {
  readonly minutes: number;
  readonly database?: string;
  readonly seed?: number;
  readonly json?: boolean;
}

export function tortureCommand(cli: Cli): Command {
  return new Command("torture")
    .description("break simulated and real workers in every way on this machine, and check that no promise is broken")
    .option("--minutes <number>", "how long", readMinutes, 1)
    .option("--database <url>", "beside which database to do it, to try its disk; that one is not touched")
    .option("--seed <number>", "repeats what a run with this seed did; a random one where none is given", readSeed)
    .option("--json", "print JSON")
    .action(async (flags: TortureFlags) => {
      const { terminal } = cli;
      const seed = flags.seed ?? Math.floor(systemRandom.fraction() * 1_000_000);
      cli.exitCode = await printOutcome(terminal, flags.json === true, async () => {
        const { torture } = await import("../../torture/torture.ts");
        const { describeTorture } = await import("../../torture/describe-torture.ts");
        const folder = openFolder(flags.database, terminal.folder);
        if (flags.json !== true) terminal.error(`Seed ${seed}, about ${flags.minutes} min; databases in ${folder}.`);
        const report = await torture({ seed, forMs: flags.minutes * 60_000, folder });
        if (report.isFine) rmSync(folder, { recursive: true, force: true });
        const text = describeTorture(report, folder);
        return report.isFine ? { kind: "done", text, json: report } : { kind: "refused", message: text };
      });
    });
}

/** A new folder beside the database, or where this system keeps temporary files. */
function openFolder(database: string | undefined, workingFolder: string): string {
  const location = database === undefined ? undefined : parseDatabaseUrl(database, workingFolder);
  const parent = location?.kind === "sqlite" ? dirname(location.file) : tmpdir();
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, "stage3queue-torture-"));
}

function readMinutes(text: string): number {
  const minutes = Number(text);
  if (!(minutes > 0 && minutes <= 10_000)) throw new InvalidArgumentError("A number of more than 0.");
  return minutes;
}

function readSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new InvalidArgumentError("A whole number from 0.");
  return seed;
}
