import type { Chance } from "./chance.ts";

/** What one attempt of a task does. */
export interface AttemptPlan {
  /** How many effects it has, and how long it takes to each. */
  readonly steps: number;
  readonly stepMs: number;
  readonly end: "finish" | "fail" | "hang" | "exit" | "killWorker";
  /** Whether it ends at once when its signal is aborted. */
  readonly obeys: boolean;
  /** How it does so; else its process is killed. */
  readonly obeysBy?: "finish" | "fail";
  /** How long it waits for a process. */
  readonly waitMs?: number;
  /** What keeps it from its end through no fault of its own, once in each worker. */
  readonly mishap?: Mishap;
}

/** No process can be started for it, or another task's leftover ends its process. */
export type Mishap = "cannotStart" | "strayExit";

/** What a task does, attempt by attempt; the last plan goes for all that follow. It travels as the task's argument. */
export type Behaviour = readonly AttemptPlan[];

/** Which of the things that tasks may do some of them do. */
export interface Habits {
  readonly ends: readonly AttemptPlan["end"][];
  /** Whether some go on when their signal is aborted. */
  readonly ignoreAborts: boolean;
  /** How many of them wait for a process, and how many meet with a mishap. */
  readonly waiting: number;
  readonly mishaps: number;
}

/** The last one is longer than any timeout. */
const WAITS_MS = [1, 40, 300, 6_000] as const;

export function randomHabits(chance: Chance): Habits {
  const others = (["fail", "hang", "exit"] as const).filter(() => chance.happens(0.8));
  // A task that kills its worker leaves little else to happen: without such, workers live longer, and remember more.
  const deadly = chance.happens(0.5) ? (["killWorker"] as const) : [];
  return {
    ends: ["finish", "finish", "finish", ...others, ...deadly],
    ignoreAborts: chance.happens(0.8),
    ...randomMishaps(chance),
  };
}

function randomMishaps(chance: Chance): Pick<Habits, "waiting" | "mishaps"> {
  return { waiting: chance.pick([0, 0.1, 0.5]), mishaps: chance.pick([0, 0.05, 0.2]) };
}

export function randomBehaviour(chance: Chance, habits: Habits): Behaviour {
  return Array.from({ length: chance.whole(1, 3) }, () => ({
    steps: chance.whole(0, 3),
    stepMs: chance.pick([0, 1, 5, 40, 300, 1_000]),
    end: chance.happens(0.5) ? "finish" : chance.pick(habits.ends),
    obeys: !habits.ignoreAborts || chance.happens(0.6),
    obeysBy: chance.pick(["finish", "finish", "fail"]),
    waitMs: chance.happens(habits.waiting) ? chance.pick(WAITS_MS) : 0,
    ...(chance.happens(habits.mishaps) ? { mishap: chance.pick(["cannotStart", "strayExit"]) } : {}),
  }));
}

export function planOf(behaviour: Behaviour, attempt: number): AttemptPlan {
  return behaviour[attempt - 1] ?? behaviour.at(-1) ?? { steps: 0, stepMs: 0, end: "finish", obeys: true };
}
