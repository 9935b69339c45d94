import type { Chance } from "./chance.ts";

/** What one attempt of a task does. */
export interface AttemptPlan {
  /** How many effects it has, and how long it takes to each. */
  readonly steps: number;
  readonly stepMs: number;
  readonly end: "finish" | "fail" | "hang" | "exit" | "killWorker";
  /** Whether it ends at once when its signal is aborted. */
  readonly obeys: boolean;
}

/** What a task does, attempt by attempt; the last plan goes for all that follow. It travels as the task's argument. */
export type Behaviour = readonly AttemptPlan[];

const ENDS = ["finish", "finish", "finish", "fail", "hang", "exit"] as const;

/** `isDeadly`: some kill the worker that runs them. */
export function randomBehaviour(chance: Chance, isDeadly: boolean): Behaviour {
  return Array.from({ length: chance.whole(1, 3) }, () => ({
    steps: chance.whole(0, 3),
    stepMs: chance.pick([0, 1, 5, 40, 300, 1_000]),
    // A task that kills its worker each time leaves little else to happen.
    end: chance.happens(0.5) ? "finish" : chance.pick(isDeadly ? [...ENDS, "killWorker" as const] : ENDS),
    obeys: chance.happens(0.6),
  }));
}

export function planOf(behaviour: Behaviour, attempt: number): AttemptPlan {
  return behaviour[attempt - 1] ?? behaviour.at(-1) ?? { steps: 0, stepMs: 0, end: "finish", obeys: true };
}
