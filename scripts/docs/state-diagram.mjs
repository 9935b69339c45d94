import { statusOf, TRANSITIONS } from "../../src/core/transitions.ts";

/**
 * The table of transitions as a Mermaid state diagram.
 *
 * @returns {string}
 */
export function stateDiagram() {
  /** @type {string[]} */
  const lines = ["[*] --> ready: enqueue"];
  /** @type {Set<import("../../src/core/transitions.ts").TaskState>} */
  const states = new Set();
  for (const [event, { from, to }] of Object.entries(TRANSITIONS)) {
    for (const source of from) {
      states.add(source);
      for (const target of to) lines.push(`${source} --> ${target}: ${event}`);
      if (to.length === 0) lines.push(`${source} --> [*]: ${event}`);
    }
  }
  const names = [...states].filter((state) => statusOf(state) !== state).map((state) => describe(state));
  return ["```mermaid", "stateDiagram-v2", ...[...names, ...lines].map((line) => `  ${line}`), "```"].join("\n");
}

/**
 * A state whose status has another name.
 *
 * @param {import("../../src/core/transitions.ts").TaskState} state
 */
function describe(state) {
  return `${state}: ${state} (status ${statusOf(state)})`;
}
