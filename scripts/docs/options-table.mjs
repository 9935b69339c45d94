import { readFileSync } from "node:fs";
import { flagOf } from "../../src/cli/option-flags.ts";
import { ENQUEUE_OPTIONS, optionsAt } from "../../src/core/options/declarations.ts";
import { table } from "./markdown.mjs";

const source = readFileSync(new URL("../../src/core/options/types.ts", import.meta.url), "utf8");

/**
 * The options of one interface of `src/core/options/types.ts`, as its doc comments tell them.
 *
 * @param {string} name
 * @param {readonly string[]} [declared] The options that it must have.
 * @returns {string}
 */
export function optionsTable(name, declared) {
  const options = commentsOf(name);
  requireAll(name, options, declared);
  return table(
    ["option", "default", "meaning"],
    options.map(([option, text]) => [`\`${option}\``].concat(defaultAndMeaning(text))),
  );
}

/**
 * The options of an enqueue, with their flag and their place in a request.
 *
 * @returns {string}
 */
export function enqueueTable() {
  const texts = commentsOf("TaskOptions");
  requireAll("TaskOptions", texts, optionsAt("enqueue"));
  return table(
    ["option", "flag", "in a request", "meaning"],
    ENQUEUE_OPTIONS.map(({ name, http }) => [
      `\`${name}\``,
      `\`${flagOf(name)}\``,
      http === "header" ? "a header" : "a field",
      texts.find(([option]) => option === name)?.[1] ?? "",
    ]),
  );
}

/**
 * Which level wins for which option.
 *
 * @returns {string}
 */
export function precedence() {
  const [atEnqueue, byFunction] = [optionsAt("enqueue"), optionsAt("function")];
  const both = byFunction.filter((option) => atEnqueue.some((other) => other === option));
  const own = byFunction.filter((option) => !both.some((other) => other === option));
  return table(
    ["options", "which value wins"],
    [
      [list(both), "the enqueue's, else that of the task's policy, else the queue's, else the default"],
      [list(own), "that of the task's policy, else the queue's, else the default"],
      ["all others of a queue", "the queue's, else the default"],
    ],
  );
}

/** @param {readonly string[]} names */
function list(names) {
  return names.map((name) => `\`${name}\``).join(", ");
}

/**
 * Each option of an interface with the text of its doc comment.
 *
 * @param {string} name
 * @returns {[option: string, text: string][]}
 */
function commentsOf(name) {
  const [, body] = new RegExp(String.raw`export interface ${name}\b[^{]*\{\n(.*?)\n\}`, "s").exec(source) ?? [];
  if (body === undefined) throw new Error(`There is no interface ${name}.`);
  const members = [...body.matchAll(/\/\*\*(.*?)\*\/\s+readonly (\w+)\?/gs)];
  return members.map(([, comment = "", option = ""]) => [option, textOf(comment)]);
}

/**
 * @param {string} name
 * @param {readonly (readonly [option: string, text: string])[]} options
 * @param {readonly string[]} [declared]
 */
function requireAll(name, options, declared = []) {
  const missing = declared.filter((option) => !options.some(([documented]) => documented === option));
  if (missing.length > 0) throw new Error(`${name} lacks an option with a doc comment: ${missing.join(", ")}.`);
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
