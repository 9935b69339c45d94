import { inspect } from "node:util";

const LONGEST_SHOWN = 60;

/** A value as a short string for a message. Never throws. */
export function showValue(value: unknown): string {
  const text = showWhole(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN).toWellFormed()}…` : text;
}

function showWhole(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, LONGEST_SHOWN + 1));
  if (typeof value === "function") return "a function";
  try {
    return inspect(value, {
      depth: 0,
      breakLength: Infinity,
      customInspect: false,
      maxArrayLength: 5,
      maxStringLength: LONGEST_SHOWN,
    });
  } catch {
    return `some ${typeof value}`;
  }
}
