import { TRANSITIONS, type TransitionEvent } from "../../core/transitions.ts";

/** The condition that lets an event happen only in the states that the table of transitions names. */
export function mayHappenSql(event: TransitionEvent): string {
  const [first, ...more] = TRANSITIONS[event].from;
  if (more.length === 0) return `state = '${first}'`;
  return `state IN (${[first, ...more].map((state) => `'${state}'`).join(", ")})`;
}
