import { constants } from "node:os";
import { systemRandom } from "../core/random.ts";
import type { TortureReport } from "../../proof/index.ts";
import { type Outcome, printOutcome } from "./outcome.ts";
import { StopSignals } from "./stop-signals.ts";
import type { Terminal } from "./terminal.ts";
import { TortureFolder } from "./torture-folder.ts";

export interface TortureFlags {
  readonly minutes: number;
  /** So many rounds with real processes, in place of a time. */
  readonly rounds?: number;
  readonly database?: string;
  readonly seed?: number;
  readonly json?: boolean;
}

/**
 * Runs until it is over, or a signal breaks it off, and answers with the exit code: 1 when a promise was broken, 128 and
 * the signal's number where there was one, as a shell has it.
 */
export async function runTorture(terminal: Terminal, flags: TortureFlags): Promise<number> {
  const signals = new StopSignals();
  const run = new TortureRun(terminal, flags);
  void signals.first.then((signal) => run.breakOff(signal));
  try {
    const forced = signals.second.then(() => run.giveUp());
    const code = await Promise.race([run.toItsEnd(), forced]);
    return run.interruptedBy === undefined ? code : 128 + constants.signals[run.interruptedBy];
  } finally {
    signals.stop();
  }
}

class TortureRun {
  readonly #terminal: Terminal;
  readonly #flags: TortureFlags;
  readonly #interruption = new AbortController();
  #interruptedBy: NodeJS.Signals | undefined;
  #folder: TortureFolder | undefined;

  constructor(terminal: Terminal, flags: TortureFlags) {
    this.#terminal = terminal;
    this.#flags = flags;
  }

  get interruptedBy(): NodeJS.Signals | undefined {
    return this.#interruptedBy;
  }

  breakOff(signal: NodeJS.Signals): void {
    this.#interruptedBy = signal;
    this.#terminal.error("Breaking it off; a second signal ends it at once.");
    this.#interruption.abort();
  }

  /** What it has started ends together with this process. */
  giveUp(): number {
    if (this.#folder !== undefined) this.#terminal.error(`Ended at once; what was left is in ${this.#folder.path}.`);
    return 1;
  }

  toItsEnd(): Promise<number> {
    const { json = false } = this.#flags;
    return printOutcome(this.#terminal, json, () => this.#run());
  }

  async #run(): Promise<Outcome> {
    const { describeTorture, torture } = await import("../../proof/index.ts");
    const { minutes, rounds, database, seed = randomSeed() } = this.#flags;
    const folder = new TortureFolder(database, this.#terminal.folder);
    this.#folder = folder;
    const extent = rounds === undefined ? `about ${minutes} min` : `${rounds} rounds with real processes`;
    this.#tell(`Seed ${seed}, ${extent}; databases in ${folder.path}.`);
    const report = await torture({
      seed,
      extent: rounds === undefined ? { kind: "time", forMs: minutes * 60_000 } : { kind: "rounds", rounds },
      folder: folder.path,
      signal: this.#interruption.signal,
    });
    if (report.isFine) folder.remove();
    return this.#outcome(report, describeTorture(report, { folder: folder.path, interruptedBy: this.#interruptedBy }));
  }

  #outcome(report: TortureReport, text: string): Outcome {
    if (!report.isFine) return { kind: "refused", message: text };
    const interruption = this.#interruptedBy === undefined ? {} : { interruptedBy: this.#interruptedBy };
    return { kind: "done", text, json: { ...report, ...interruption } };
  }

  #tell(line: string): void {
    if (this.#flags.json !== true) this.#terminal.error(line);
  }
}

function randomSeed(): number {
  return Math.floor(systemRandom.fraction() * 1_000_000);
}
