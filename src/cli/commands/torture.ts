import { Command, InvalidArgumentError, Option } from "commander";
import type { Cli } from "../cli.ts";
import { runTorture, type TortureFlags } from "../run-torture.ts";

/** A week, nearly. */
const MOST_MINUTES = 10_000;
const MOST_ROUNDS = 1_000_000;

export function tortureCommand(cli: Cli): Command {
  return new Command("torture")
    .description("break simulated and real workers on this machine, and check that no promise is broken")
    .option("--minutes <number>", "how long: half of it simulated, half of it with real processes", readMinutes, 1)
    .addOption(
      new Option("--rounds <number>", "in place of a time: so many rounds with real processes, without a simulation")
        .argParser(readRounds)
        .conflicts("minutes"),
    )
    .option("--seed <number>", "the first simulated run, and what is done in which round; else a random one", readSeed)
    .option("--database <url>", "beside which database to do it, to try its disk; that one is not touched")
    .option("--json", "print JSON")
    .action(async (flags: TortureFlags) => {
      cli.exitCode = await runTorture(cli.terminal, flags);
    });
}

function readMinutes(text: string): number {
  const minutes = Number(text);
  if (minutes > 0 && minutes <= MOST_MINUTES) return minutes;
  throw new InvalidArgumentError(`A number of more than 0, and at most ${MOST_MINUTES}.`);
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isSafeInteger(rounds) && rounds > 0 && rounds <= MOST_ROUNDS) return rounds;
  throw new InvalidArgumentError(`A whole number from 1 to ${MOST_ROUNDS}.`);
}

function readSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new InvalidArgumentError("A whole number from 0.");
  return seed;
}
