import type { SeedFailure } from "./run-seeds.ts";

/** How many violations are told; more are seldom of use, since one leads to the next. */
const MOST_TOLD = 5;

/** What a seed has broken, and the command that repeats it. */
export function describeFailure({ seed, storage, verdict }: SeedFailure): string {
  const { violations } = verdict;
  const told = violations
    .slice(0, MOST_TOLD)
    .map(({ rule, sentence, index }) => `  ${rule}: ${sentence} (event ${index})`);
  if (violations.length > MOST_TOLD) told.push(`  and ${violations.length - MOST_TOLD} more`);
  return [
    `Seed ${seed} broke ${violations.length === 1 ? "a rule" : `${violations.length} rules`} (${storage}):`,
    ...told,
    `Repeat it with: npx stage3queue torture --seed ${seed}`,
  ].join("\n");
}
