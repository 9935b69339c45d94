import { readFileSync } from "node:fs";
import { table } from "./markdown.mjs";

const source = readFileSync(new URL("../../src/core/options/types.ts", import.meta.url), "utf8");

/**
 * The options of one interface of `src/core/options/types.ts`, as its doc comments tell them.
 *
 * @param {string} name
 * @returns {string}
 */
export function optionsTable(name) {
  const [, body] = new RegExp(String.raw`export interface ${name}\b[^{]*\{\n(.*?)\n\}`, "s").exec(source) ?? [];
  if (body === undefined) throw new Error(`There is no interface ${name}.`);
  const members = [...body.matchAll(/\/\*\*(.*?)\*\/\s+readonly (\w+)\?/gs)];
  return table(
    ["option", "default", "meaning"],
    members.map(([, comment = "", option = ""]) => [`\`${option}\``].concat(defaultAndMeaning(textOf(comment)))),
  );
}

/** @param {string} comment */
function textOf(comment) {
  return comment
    .split("\n")
    .map((line) => line.replace(/^\s*\*?\s?/, "").trim())
    .join(" ")
    .trim();
}

/**
 * A comment says "Default: none." somewhere.
 *
 * @param {string} text
 */
function defaultAndMeaning(text) {
  const [sentence = "", value = "see below"] = /Default: ((?:`[^`]*`|[^.`]|\.(?! |$))*)\.(?: |$)/.exec(text) ?? [];
  return [value, text.replace(sentence, "").trim()];
}
