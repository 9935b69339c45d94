import type { AttemptPlan, Behaviour } from "../simulation/behaviour.ts";
import type { Chance } from "../simulation/chance.ts";
import { isPooled, type Topic } from "./queues.ts";

/** After which a task that never ends by itself is overdue. Others have no such limit, so that no slow machine fails them. */
export const HANG_TIMEOUT_MS = 150;

const MOST_ATTEMPTS = 4;
/** How many of the tasks that run in processes kill their worker. */
const DEADLY = 0.03;

/** What a task does in each of its attempts: a few milliseconds of work, and mostly a good end. */
export function randomBehaviour(topic: Topic, chance: Chance): Behaviour {
  const attempts = Array.from({ length: chance.whole(1, MOST_ATTEMPTS) }, () => randomPlan(topic, chance));
  // Once is enough: whoever rescues it needs a second or two each time.
  return topic === "reports" && chance.happens(DEADLY)
    ? [{ ...randomPlan(topic, chance), end: "killWorker" }, ...attempts]
    : attempts;
}

function randomPlan(topic: Topic, chance: Chance): AttemptPlan {
  const obeys = !isPooled(topic) || chance.happens(0.5);
  return { steps: chance.whole(0, 2), stepMs: chance.pick([0, 1, 5, 15]), end: randomEnd(topic, chance), obeys };
}

/** Whether one of its attempts never ends by itself. */
export function hangs(behaviour: Behaviour): boolean {
  return behaviour.some(({ end }) => end === "hang");
}

/** Inline, a task that exits would take its worker along as surely as one that kills it: that is left to threads and processes. */
function randomEnd(topic: Topic, chance: Chance): AttemptPlan["end"] {
  if (chance.happens(0.75)) return "finish";
  const ends = ["fail", "fail", "fail", "fail", "hang"] as const;
  return isPooled(topic) ? chance.pick([...ends, "exit"]) : chance.pick(ends);
}
