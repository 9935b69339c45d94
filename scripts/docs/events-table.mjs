import { readFileSync } from "node:fs";
import { table } from "./markdown.mjs";

const source = readFileSync(new URL("../../src/core/events.ts", import.meta.url), "utf8");

/**
 * The events of an instance, as the doc comments of `Stage3Events` tell them.
 *
 * @returns {string}
 */
export function eventsTable() {
  const [, body] = /export interface Stage3Events \{\n(.*?)\n\}/s.exec(source) ?? [];
  if (body === undefined) throw new Error("There is no interface Stage3Events.");
  const events = [...body.matchAll(/\/\*\* (.*?) \*\/\s+(\w+): \{(.*?)\};$/gms)];
  return table(
    ["event", "what it tells", "when"],
    events.map(([, comment = "", name = "", fields = ""]) => [`\`${name}\``, namesOf(fields), comment]),
  );
}

/** @param {string} fields */
function namesOf(fields) {
  return [...fields.matchAll(/(\w+\??):/g)].map(([, field]) => `\`${field}\``).join(", ");
}
