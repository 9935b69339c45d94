import { ROUND_KINDS } from "./round-kinds.ts";
import type { ProcessReport } from "./run-process-rounds.ts";

/** How many violations are told; all of them are in the folder. */
const MOST_TOLD = 5;

/** What rounds have broken, and the command that plays the same rounds again. */
export function describeBrokenRounds({ seed, rounds, brokenAfter = rounds, verdict }: ProcessReport): string {
  const { violations } = verdict;
  const told = violations.slice(0, MOST_TOLD).map(({ rule, sentence }) => `  ${rule}: ${sentence}`);
  if (violations.length > MOST_TOLD) told.push(`  and ${violations.length - MOST_TOLD} more`);
  return [
    `Rounds of seed ${seed} broke ${violations.length === 1 ? "a rule" : `${violations.length} rules`}:`,
    ...told,
    `Play the same rounds again with: npx stage3queue torture --rounds ${Math.max(1, brokenAfter)} --seed ${seed}`,
    "  (what is done in which round is the seed's, when it meets whom is the machine's: it may take several runs)",
  ].join("\n");
}

/** What no round has done, as there were too few; none where every kind came up. */
export function untriedRounds({ roundsByKind }: ProcessReport): string[] {
  return ROUND_KINDS.filter((kind) => (roundsByKind[kind] ?? 0) === 0);
}
