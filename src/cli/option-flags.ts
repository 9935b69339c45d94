import { InvalidArgumentError, Option } from "commander";
import { ENQUEUE_OPTIONS, type EnqueueKind } from "../core/options/declarations.ts";

/** The options of an enqueue as flags: `maxRestarts` is `--max-restarts <n>`. */
export function optionFlags(): readonly Option[] {
  return ENQUEUE_OPTIONS.map(({ name, kind, flag }) => {
    const { placeholder, parse } = FLAGS[kind];
    const option = new Option(`${flagOf(name)} <${placeholder}>`, flag);
    return parse === undefined ? option : option.argParser(parse);
  });
}

/** The flag of an option. */
export function flagOf(option: string): string {
  return `--${option.replaceAll(/[A-Z]/g, "-$&").toLowerCase()}`;
}

/** What is written after a flag, by the kind of its option. What needs no parser is judged by the broker as it stands. */
const FLAGS: Readonly<Record<EnqueueKind, { placeholder: string; parse?: (text: string) => unknown }>> = {
  priority: { placeholder: "n", parse: parseNumber },
  restarts: { placeholder: "n", parse: parseNumber },
  duration: { placeholder: "duration", parse: parseDuration },
  timeout: { placeholder: "duration", parse: parseDuration },
  time: { placeholder: "time" },
  idempotencyKey: { placeholder: "key" },
};

function parseNumber(text: string): number {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError("It must be a number.");
  return Number(text);
}

/** Milliseconds where it is a number; a duration with a unit is judged by the broker. */
function parseDuration(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}
