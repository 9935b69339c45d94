import { Stage3Error } from "../core/errors.ts";
import { messageOf } from "./message-of.ts";
import type { Terminal } from "./terminal.ts";

/** How a command ended: what it prints, as text for people or as JSON for programs; or why it was refused. */
export type Outcome =
  | { readonly kind: "done"; readonly text: string; readonly json: unknown }
  | { readonly kind: "refused"; readonly message: string };

/** Prints the outcome of `work` and answers with the exit code: 0, or 1 for what was refused or went wrong. */
export async function printOutcome(terminal: Terminal, json: boolean, work: () => Promise<Outcome>): Promise<number> {
  let outcome: Outcome;
  try {
    outcome = await work();
  } catch (error) {
    const code = error instanceof Stage3Error ? { code: error.code } : {};
    terminal.error(json ? JSON.stringify({ message: messageOf(error), status: "error", ...code }) : messageOf(error));
    return 1;
  }
  switch (outcome.kind) {
    case "refused":
      terminal.error(json ? JSON.stringify({ message: outcome.message, status: "error" }) : outcome.message);
      return 1;
    case "done":
      if (json) terminal.out(JSON.stringify(outcome.json));
      else if (outcome.text !== "") terminal.out(outcome.text);
      return 0;
  }
}
