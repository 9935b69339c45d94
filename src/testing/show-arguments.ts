import { inspect } from "node:util";
import { cutText } from "../core/cut-text.ts";
import { isMatcher } from "./matching.ts";

const LONGEST_SHOWN = 500;

/** Arguments as one line of a message; a matcher as its framework calls it. */
export function showArguments(args: unknown): string {
  return cutText(inspect(withNamedMatchers(args), { depth: 6, breakLength: Infinity }), LONGEST_SHOWN);
}

function withNamedMatchers(value: unknown): unknown {
  if (isMatcher(value)) return { [inspect.custom]: () => nameOf(value) };
  if (Array.isArray(value)) return value.map(withNamedMatchers);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, withNamedMatchers(entry)]));
}

/** As Vitest's and Jest's matchers call themselves: `Any<String>`, or `StringContaining` and what it was made from. */
function nameOf(matcher: object): string {
  const named = "toAsymmetricMatcher" in matcher ? matcher.toAsymmetricMatcher : undefined;
  if (typeof named === "function") return String(Reflect.apply(named, matcher, []));
  if (!("sample" in matcher)) return inspect(matcher, { depth: 1 });
  return `${matcher.constructor.name}(${inspect(matcher.sample, { depth: 2, breakLength: Infinity })})`;
}
